import type { Millis } from '../../../lib/clock.ts'
import { TokenBucket } from '../../../lib/token-bucket.ts'
import { FrameWalker, h2FrameType } from './frame-walker.ts'
import type { TransportLimits } from './limits.ts'

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
  readonly #walker = new FrameWalker('client')
  #windowUpdates = 100

  constructor({ smallFrames, resets }: Pick<TransportLimits, 'smallFrames' | 'resets'>, now: Millis) {
    this.#small = new TokenBucket(smallFrames, now)
    this.#resets = new TokenBucket(resets, now)
  }

  /** Takes the next bytes of the stream; says when it is too much. */
  read(bytes: Uint8Array, now: Millis): 'h2-flood' | 'h2-resets' | undefined {
    return this.#walker.walk(bytes, (type, length) => this.#count(type, length, now))
  }

  #count(type: number, length: number, now: Millis): 'h2-flood' | 'h2-resets' | undefined {
    if (type === h2FrameType.data && length >= smallBytes) return undefined
    if (type === h2FrameType.resetStream && !this.#resets.take(1, now)) return 'h2-resets'
    if (type === h2FrameType.windowUpdate && this.#windowUpdates >= 1) {
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
