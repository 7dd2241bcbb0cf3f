import type { AddrPort } from '../lib/addr-port.ts'
import type { ChannelView } from '../protocol/channel/index.ts'
import { defaultLimits, type RelayConfig } from './relay/index.ts'

/** Below this a difference of clocks is the way's delay. */
const skewThatMatters = 5000

export interface RelayInputs {
  readonly view: ChannelView | undefined
  readonly accepts: boolean
  readonly addresses: readonly AddrPort[]
  /** The control plane's clock minus ours, ms. */
  readonly skewMs: number
  /** Bits a second of one session; absent: no limit. */
  readonly sessionRate?: number | undefined
}

/** The core's configuration of a view. Key expiry is put on this machine's clock, so that one that is off by hours ends nothing. */
export function relayConfig({ view, accepts, addresses, skewMs, sessionRate }: RelayInputs): RelayConfig {
  const skew = Math.abs(skewMs) >= skewThatMatters ? skewMs : 0
  return {
    enabled: accepts,
    nodes: (view?.sessionPeers ?? []).map(({ id, name, nodeKey, discoKey, keyExpiry }) => ({
      id, name, nodeKey, discoKey, ...(keyExpiry !== undefined && { keyExpiry: keyExpiry - skew }),
    })),
    mayAllocate: view?.serves ?? [],
    clientLimits: new Map((view?.limits ?? []).flatMap(({ clients, maxSessions, family, maxRate }) => clients.map((id) => [id, { maxSessions, family, maxRate }] as const))),
    sessionRate,
    addresses,
    limits: view?.relay
      ? { maxEndpoints: view.relay.maxEndpoints, handshakesPerSourcePerSecond: view.relay.handshakesPerSecond }
      : defaultLimits,
  }
}

/** The port to relay on; undefined: off, or this node is no relay. */
export function wantedPort(view: ChannelView | undefined): number | undefined {
  return view?.relay?.advertised ? view.relay.port : undefined
}
