import type { AddrPort } from '../../lib/addr-port.ts'
import type { Millis } from '../../lib/clock.ts'
import type { DiscoKey, NodeKey } from '../../protocol/keys.ts'
import type { AllocationReason } from './reasons.ts'

/** A node of the network as the relay must know it; keys in text form. */
export interface RelayNode {
  readonly id: number
  readonly name: string
  readonly nodeKey: string
  readonly discoKey: string
  /** Milliseconds since the epoch; absent: never. */
  readonly keyExpiry?: Millis | undefined
}

export interface RelayLimits {
  readonly maxEndpoints: number
  /** Handshake messages opened per second from one IPv4 address or one IPv6 /64. */
  readonly handshakesPerSourcePerSecond: number
}

export const defaultLimits: RelayLimits = { maxEndpoints: 65_536, handshakesPerSourcePerSecond: 20 }

export type IpFamily = 'ipv4' | 'ipv6'

/** What grants limit for one client on this relay (spec/policy.md §14). An absent member: no limit. */
export interface ClientLimits {
  /** Endpoints that it asked for and that are not draining, at a time. */
  readonly maxSessions?: number | undefined
  /** The only family that it and its peer are given addresses of, and may bind from. */
  readonly family?: IpFamily | undefined
  /** Bits a second over all its sessions, each way by itself. */
  readonly maxRate?: number | undefined
}

export interface RelayConfig {
  /** False: new allocations and binds are refused, sessions end gently (spec section 4). */
  readonly enabled: boolean
  readonly nodes: readonly RelayNode[]
  /** Ids of the nodes that hold `tailscale.com/cap/relay` on this relay. */
  readonly mayAllocate: Iterable<number>
  /** By node id, of those who have any. Absent: nobody has. Bounded: `mayAllocate`. */
  readonly clientLimits?: ReadonlyMap<number, ClientLimits>
  /** Bits a second of one session, each way by itself. Absent: no limit. */
  readonly sessionRate?: number | undefined
  /** What clients are told to bind at; none yet: requests stay unanswered. */
  readonly addresses: readonly AddrPort[]
  readonly limits: RelayLimits
}

/** 0: the client with the lower disco key ("A"), 1: the other. */
export type Leg = 0 | 1

export interface SessionClient {
  readonly id: number
  readonly name: string
  readonly discoKey: DiscoKey
}

export interface SessionInfo {
  /** `<lamportId>-<vni>`: stable over a restart, never used again. */
  readonly key: string
  readonly vni: number
  readonly clients: readonly [SessionClient, SessionClient]
  /** When both legs were first bound. */
  readonly openedAt: Millis
}

export interface LiveSession extends SessionInfo {
  readonly draining: boolean
  readonly bound: readonly [AddrPort | undefined, AddrPort | undefined]
}

/** A limit that everything charged to `bucket` shares: of the same name, the same amounts. */
export interface RateLimit {
  readonly bucket: string
  readonly bytesPerSecond: number
  readonly packetsPerSecond: number
}

/** What one leg's traffic is charged to; a packet passes where each has room. */
export interface LegLimits {
  readonly client?: RateLimit | undefined
  readonly session?: RateLimit | undefined
}

/** What a data plane obeys. */
export type ForwardCommand =
  | { readonly type: 'bindForward'; readonly vni: number; readonly leg: Leg; readonly addr: AddrPort }
  /** Of what comes from this leg, from now on, until another or the unbind that is not gentle; of a VNI that is bound. */
  | { readonly type: 'limitForward'; readonly vni: number; readonly leg: Leg; readonly limits: LegLimits }
  /** Gentle: probes (disco, O clear) are dropped, data goes on until the unbind that is not gentle. */
  | { readonly type: 'unbindForward'; readonly vni: number; readonly gentle: boolean }

export type RelayCommand =
  | ForwardCommand
  | { readonly type: 'sendControl'; readonly to: AddrPort; readonly bytes: Uint8Array }
  | { readonly type: 'sendDerp'; readonly to: NodeKey; readonly bytes: Uint8Array }
  | { readonly type: 'sessionOpened'; readonly session: SessionInfo }
  | { readonly type: 'sessionEnded'; readonly session: SessionInfo; readonly reason: string; readonly at: Millis }

/** A request that was not answered, for the explain view. */
export interface Refusal {
  readonly at: Millis
  readonly reason: AllocationReason
  readonly source: NodeKey
  /** The other client's disco key, as far as the request was read. */
  readonly peer?: DiscoKey
}

/** A data plane's counters of one session: packets by source leg, only growing while the VNI is bound. */
export interface Activity {
  readonly vni: number
  readonly packets: readonly [number, number]
}
