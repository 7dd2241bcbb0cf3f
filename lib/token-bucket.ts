import type { Millis } from './clock.ts'

export interface Rate {
  /** Tokens that come back each second. */
  readonly perSecond: number
  /** Tokens at most: what may be taken at once. */
  readonly burst: number
}

/** So much on average, and so much at once; a token is whatever the caller counts. Starts full. A clock that goes back gives nothing and takes nothing. */
export class TokenBucket {
  #rate: Rate
  #tokens: number
  #at: Millis

  constructor(rate: Rate, now: Millis) {
    this.#rate = rate
    this.#tokens = rate.burst
    this.#at = now
  }

  /** Takes `cost` tokens when they are there. */
  take(cost: number, now: Millis): boolean {
    this.#refill(now)
    if (this.#tokens < cost) return false
    this.#tokens -= cost
    return true
  }

  has(cost: number, now: Millis): boolean {
    this.#refill(now)
    return this.#tokens >= cost
  }

  /** As before any was taken: worth no memory. */
  isFull(now: Millis): boolean {
    this.#refill(now)
    return this.#tokens >= this.#rate.burst
  }

  /** From the next call on; what is there stays, up to the new burst. */
  setRate(rate: Rate): void {
    this.#rate = rate
  }

  #refill(now: Millis): void {
    const elapsed = Math.max(0, now - this.#at)
    this.#at = now
    this.#tokens = Math.min(this.#rate.burst, this.#tokens + (elapsed / 1000) * this.#rate.perSecond)
  }
}
