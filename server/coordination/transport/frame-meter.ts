import type { Millis } from '../../../lib/clock.ts'
import { TokenBucket } from '../../../lib/token-bucket.ts'
import type { TransportLimits } from './limits.ts'

const prefaceBytes = 24
const headerBytes = 9
const frame = { data: 0, resetStream: 3, windowUpdate: 8 } as const
/** DATA of this size pays for itself: bodies are bounded. */
const smallBytes = 1024
/** Clients give window back for each 4 KiB, of the stream and of the connection: twice as often is still no flood. */
const sentPerWindowUpdate = 1024

/**
 * Counts what a client sends in HTTP/2 frames, before they are worked on. Frames that carry next to nothing (PING, SETTINGS,
 * PRIORITY, CONTINUATION, empty DATA, requests) and streams taken back have a rate; each costs us more than it costs the client.
 */
export class FrameMeter {
  readonly #small: TokenBucket
  readonly #resets: TokenBucket
  readonly #header = new Uint8Array(headerBytes)
  #headerHas = 0
  #skip = prefaceBytes
  #windowUpdates = 100

  constructor({ smallFrames, resets }: Pick<TransportLimits, 'smallFrames' | 'resets'>, now: Millis) {
    this.#small = new TokenBucket(smallFrames, now)
    this.#resets = new TokenBucket(resets, now)
  }

  /** Takes the next bytes of the stream; says when it is too much. */
  read(bytes: Uint8Array, now: Millis): 'h2-flood' | 'h2-resets' | undefined {
    let at = 0
    while (at < bytes.length) {
      const skipped = Math.min(this.#skip, bytes.length - at)
      this.#skip -= skipped
      at += skipped
      while (at < bytes.length && this.#headerHas < headerBytes) this.#header[this.#headerHas++] = bytes[at++] ?? 0
      if (this.#headerHas < headerBytes) return undefined
      this.#headerHas = 0
      const [high = 0, middle = 0, low = 0, type = 0] = this.#header
      this.#skip = (high << 16) | (middle << 8) | low
      const fault = this.#count(type, this.#skip, now)
      if (fault) return fault
    }
    return undefined
  }

  #count(type: number, length: number, now: Millis): 'h2-flood' | 'h2-resets' | undefined {
    if (type === frame.data && length >= smallBytes) return undefined
    if (type === frame.resetStream && !this.#resets.take(1, now)) return 'h2-resets'
    if (type === frame.windowUpdate && this.#windowUpdates >= 1) {
      this.#windowUpdates--
      return undefined
    }
    return this.#small.take(1, now) ? undefined : 'h2-flood'
  }

  /** So many bytes were sent to the client, which may give their window back. */
  sent(bytes: number): void {
    this.#windowUpdates += bytes / sentPerWindowUpdate
  }
}
