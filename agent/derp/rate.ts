import type { Millis } from '../../lib/clock.ts'

export interface Rate {
  /** False: the server would drop it, so it is not sent. */
  take(bytes: number, now: Millis): boolean
}

/** The token bucket that a server tells of: `perSecond` on average, `burst` at once. */
export function createRate(perSecond: number, burst: number, start: Millis): Rate {
  let tokens = burst
  let at = start
  return {
    take(bytes, now) {
      tokens = Math.min(burst, tokens + (Math.max(0, now - at) / 1000) * perSecond)
      at = now
      if (tokens < bytes) return false
      tokens -= bytes
      return true
    },
  }
}
