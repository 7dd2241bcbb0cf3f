import type { Millis } from '../../lib/clock.ts'
import { fail, ok, type Result } from '../../lib/result.ts'

/**
 * A packet shaped as WireGuard's transport data: `type(1)=4 reserved(3) receiver(4) counter(8, little-endian)`, then where
 * the ciphertext would be: `sentAt(8) echoedAt(8) heldFor(8)`, doubles in ms, zeros up to the size.
 */
export interface TrafficPacket {
  /** The receiver's index, 32 bits: tells its packets from strays. */
  readonly receiver: number
  readonly counter: number
  readonly sentAt: Millis
  /** `sentAt` of the newest packet from the other side, 0: none yet; and how long ago it came. */
  readonly echoedAt: Millis
  readonly heldFor: number
}

export const trafficHeaderBytes = 40
const transportData = 4

export function encodeTraffic(packet: TrafficPacket, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(trafficHeaderBytes, size))
  const view = new DataView(bytes.buffer)
  bytes[0] = transportData
  view.setUint32(4, packet.receiver, true)
  view.setBigUint64(8, BigInt(packet.counter), true)
  view.setFloat64(16, packet.sentAt)
  view.setFloat64(24, packet.echoedAt)
  view.setFloat64(32, packet.heldFor)
  return bytes
}

export function decodeTraffic(bytes: Uint8Array): Result<TrafficPacket, 'short' | 'not-data'> {
  if (bytes.length < trafficHeaderBytes) return fail('short')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.getUint32(0, true) !== transportData) return fail('not-data')
  return ok({
    receiver: view.getUint32(4, true),
    counter: Number(view.getBigUint64(8, true)),
    sentAt: view.getFloat64(16),
    echoedAt: view.getFloat64(24),
    heldFor: view.getFloat64(32),
  })
}

/** A timer that was late catches up for this long at most: more would be a burst that no real sender makes. */
const catchUpMs = 100

/** How many packets are due, so that `bitsPerSecond` of `size` bytes each go out evenly. */
export class Pacer {
  readonly #perMs: number
  #owed = 0
  #at: Millis

  constructor(bitsPerSecond: number, size: number, start: Millis) {
    this.#perMs = bitsPerSecond / 8 / size / 1000
    this.#at = start
  }

  due(now: Millis): number {
    const passed = Math.max(0, Math.min(catchUpMs, now - this.#at))
    this.#at = now
    this.#owed += passed * this.#perMs
    const whole = Math.floor(this.#owed)
    this.#owed -= whole
    return whole
  }
}

/** Counters that are apart further than this count as lost without another look. */
const windowSize = 1 << 17

/** What arrived of one direction, each counter once; a change of path may bring them out of order. */
export class Receipt {
  /** Bounded: `windowSize` flags, by counter modulo. */
  readonly #seen = new Uint8Array(windowSize)
  #highest = -1
  received = 0
  duplicates = 0
  bytes = 0

  /** False when it came before. */
  take(counter: number, size: number): boolean {
    for (let next = Math.max(this.#highest + 1, counter - windowSize + 1); next <= counter; next++) this.#seen[next % windowSize] = 0
    const isOld = counter <= this.#highest - windowSize
    if (isOld || this.#seen[counter % windowSize] === 1) {
      this.duplicates++
      return false
    }
    this.#seen[counter % windowSize] = 1
    this.#highest = Math.max(this.#highest, counter)
    this.received++
    this.bytes += size
    return true
  }

  /** Packets below the newest that have not come, on their way still or lost. */
  get missing(): number {
    return this.#highest + 1 - this.received
  }
}
