import type { Millis } from './clock.ts'
import { TokenBucket, type Rate } from './token-bucket.ts'

/** One token bucket for each key, all of one rate. A key that was forgotten begins with a full one. */
export class KeyedBuckets<Key> {
  readonly #rate: Rate
  readonly #most: number
  /** Bounded: `most`; whose last take is longest ago is forgotten first. */
  readonly #buckets = new Map<Key, TokenBucket>()

  constructor(rate: Rate, most: number) {
    this.#rate = rate
    this.#most = most
  }

  /** Takes one token of the key's when it is there. */
  take(key: Key, now: Millis): boolean {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(this.#rate, now)
    // The order of a map is that of its members' coming.
    this.#buckets.delete(key)
    const oldest = this.#buckets.size >= this.#most ? this.#buckets.keys().next() : undefined
    if (oldest?.done === false) this.#buckets.delete(oldest.value)
    this.#buckets.set(key, bucket)
    return bucket.take(1, now)
  }

  /** Whether the next `take` would get one. */
  has(key: Key, now: Millis): boolean {
    return this.#buckets.get(key)?.has(1, now) ?? true
  }
}
