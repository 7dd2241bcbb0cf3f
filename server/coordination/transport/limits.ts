import type { Rate } from '../../../lib/token-bucket.ts'

/** Spec coordination.md, sections 1.6 and 10. Everything before a register is reached by anyone with a throw-away machine key. */
export interface TransportLimits {
  readonly maxConnections: number
  /** Connections whose machine has no node yet, in all and from one address (IPv6: from one /64). */
  readonly maxUnregistered: number
  readonly maxUnregisteredPerIp: number
  /** New connections from one address. After our restart all machines behind it come at once: the burst. */
  readonly newPerIp: Rate
  /** From the upgrade to the client's first HTTP/2 frame. */
  readonly handshakeMs: number
  readonly maxStreams: number
  readonly maxHeaderListBytes: number
  /** One request's body, from the first byte to the last. */
  readonly bodyMs: number
  /** Bodies of one connection that are being read, together; of one whose machine has no node. */
  readonly maxBodiesBytes: number
  readonly maxStrangersBodiesBytes: number
  /** Streams that the client takes back. */
  readonly resets: Rate
  /** HTTP/2 frames that carry next to nothing. */
  readonly smallFrames: Rate
  /** After this long without a byte from the client it is asked for one, and after `deadMs` it is gone. */
  readonly quietMs: number
  readonly deadMs: number
  /** A connection without a request for this long. */
  readonly idleMs: number
  /** How long what waits may take to be sent when we close. */
  readonly closeMs: number
  readonly tickMs: number
}

export const defaultTransportLimits: TransportLimits = {
  maxConnections: 20_000, maxUnregistered: 4096, maxUnregisteredPerIp: 50, newPerIp: { perSecond: 5, burst: 50 },
  handshakeMs: 10_000,
  maxStreams: 100, maxHeaderListBytes: 16 * 1024,
  bodyMs: 30_000, maxBodiesBytes: 8 * 1024 * 1024, maxStrangersBodiesBytes: 1024 * 1024,
  resets: { perSecond: 1, burst: 100 }, smallFrames: { perSecond: 100, burst: 1000 },
  quietMs: 30_000, deadMs: 60_000, idleMs: 300_000, closeMs: 1500, tickMs: 1000,
}
