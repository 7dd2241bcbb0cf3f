import type { Millis } from '../../lib/clock.ts'
import { decodeTraffic, encodeTraffic, Pacer, Receipt } from './traffic.ts'

export interface TrafficEndOptions {
  readonly bitsPerSecond: number
  /** Bytes of each WireGuard packet. */
  readonly size: number
  /** Our index, and the other end's: what each puts into its packets. */
  readonly receiver: number
  readonly otherReceiver: number
  readonly start: Millis
}

export interface TrafficStats {
  readonly sent: number
  readonly bytesSent: number
  readonly received: number
  readonly bytesReceived: number
  readonly duplicates: number
  /** Sent to us and not here: on its way still, or lost. */
  readonly missing: number
  /** There and back, by echoed times; undefined before the first. */
  readonly rttMs: number | undefined
}

export interface TrafficEnd {
  /** Packets to send now; `undefined`: nothing is sent yet, and nothing is owed for this time. */
  due(now: Millis | undefined): Uint8Array[]
  /** False: not a packet of our traffic. */
  received(bytes: Uint8Array, now: Millis): boolean
  stats(): TrafficStats
}

/** One end's WireGuard-shaped traffic: what it sends, numbered and timed, and what it makes of the other's. */
export function createTrafficEnd({ bitsPerSecond, size, receiver, otherReceiver, start }: TrafficEndOptions): TrafficEnd {
  const pacer = new Pacer(bitsPerSecond, size, start)
  const receipt = new Receipt()
  let sent = 0
  let echoedAt = 0
  let cameAt = 0
  let rttMs: number | undefined

  return {
    due(now) {
      if (now === undefined) return []
      return Array.from({ length: pacer.due(now) }, () =>
        encodeTraffic({ receiver: otherReceiver, counter: sent++, sentAt: now, echoedAt, heldFor: echoedAt === 0 ? 0 : now - cameAt }, size))
    },
    received(bytes, now) {
      const packet = decodeTraffic(bytes)
      if (!packet.ok || packet.value.receiver !== receiver) return false
      if (!receipt.take(packet.value.counter, bytes.length)) return true
      if (packet.value.sentAt > echoedAt) {
        echoedAt = packet.value.sentAt
        cameAt = now
      }
      if (packet.value.echoedAt > 0) rttMs = Math.max(0, now - packet.value.echoedAt - packet.value.heldFor)
      return true
    },
    stats: () => ({
      sent, bytesSent: sent * size, received: receipt.received, bytesReceived: receipt.bytes,
      duplicates: receipt.duplicates, missing: receipt.missing, rttMs,
    }),
  }
}
