import type { Millis } from '../../lib/clock.ts'
import type { NodeKey } from '../../protocol/keys.ts'
import type { DerpLimits } from './limits.ts'

/** The edge's name for a connection; never used again. */
export type ConnectionId = number

/** Why the hub ends a connection; each is counted. */
export type CloseReason =
  | 'full'
  | 'no-client-info'
  | 'bad-frame'
  | 'bad-client-info'
  | 'not-permitted'
  | 'too-many-with-key'
  | 'stalled'
  | 'disconnected'

/** Why a packet is not delivered; each is counted. */
export type DropReason = 'rate' | 'queue-full' | 'not-here'

export type DerpCommand =
  | { readonly kind: 'writable'; readonly connection: ConnectionId }
  | { readonly kind: 'close'; readonly connection: ConnectionId; readonly reason: CloseReason; readonly nodeKey?: NodeKey }

export interface DerpStats {
  readonly connections: number
  /** Clients, each counted once however many connections it has. */
  readonly clients: number
  /** Since the start: packets delivered to a client's queue, and their bytes without frame and key. */
  readonly packets: number
  readonly bytes: number
  readonly dropped: Readonly<Record<DropReason, number>>
  readonly closed: Readonly<Record<CloseReason, number>>
}

/** The DERP server as a value machine: bytes and time in; frames by `next`, the rest by `nextCommand`. */
export interface DerpHub {
  readonly publicKey: Uint8Array
  /** A connection past its HTTP upgrade. */
  connect(connection: ConnectionId, now: Millis): void
  receive(connection: ConnectionId, bytes: Uint8Array, now: Millis): void
  /** The connection is gone, whoever ended it. */
  closed(connection: ConnectionId): void
  /** Sends keep-alives, ends what is late; to be called about once a second. */
  handleTimeout(now: Millis): void
  /** The next frame for a connection that can take one. */
  next(connection: ConnectionId, now: Millis): Uint8Array | undefined
  nextCommand(): DerpCommand | undefined
  /** Ends all connections of a node at once (revoked, removed). */
  disconnect(nodeKey: NodeKey): void
  /** Ends the connections of keys that may not connect any more. */
  recheck(): void
  /** Tells all clients when to come back, ms. */
  announceRestart(reconnectInMs: number, tryForMs: number): void
  /** In force at once; clients are told their new rate. */
  setLimits(limits: DerpLimits, now: Millis): void
  stats(): DerpStats
}
