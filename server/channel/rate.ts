import type { Millis } from '../../lib/clock.ts'

export interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** A token bucket. Time that goes backwards gives nothing and takes nothing. */
export class Bucket {
  readonly #rate: Rate
  #tokens: number
  #at: Millis

  constructor(rate: Rate, now: Millis) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  take(now: Millis): boolean {
    this.#refill(now)
    if (this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }

  /** As before any was taken: worth no memory. */
  isFull(now: Millis): boolean {
    this.#refill(now)
    return this.#tokens >= this.#rate.burst
  }

  hasToken(now: Millis): boolean {
    this.#refill(now)
    return this.#tokens >= 1
  }

  #refill(now: Millis): void {
    const elapsed = Math.max(0, now - this.#at)
    this.#at = now
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + (elapsed / 1000) * this.#rate.perSecond)
  }
}
