import type { Millis } from '../../lib/clock.ts'

export interface DerpLimits {
  /** Connections at once, those that have not said who they are included. */
  readonly maxConnections: number
  /** Connections with one node key; the oldest gives way. */
  readonly maxPerKey: number
  /** What one client may send on average, and at once. Told to clients, which keep to it; beyond it we drop. */
  readonly bytesPerSecond: number
  readonly burstBytes: number
  /** Packets that wait for one client that reads slowly; beyond it the oldest is dropped. */
  readonly queueBytes: number
}

/** 20 Mbit/s each: enough to work by, and a reason to use a relay. */
export const defaultDerpLimits: DerpLimits = {
  maxConnections: 4096,
  maxPerKey: 4,
  bytesPerSecond: 2_500_000,
  burstBytes: 2_500_000,
  queueBytes: 512 * 1024,
}

export interface TokenBucket {
  /** Takes `cost` when it is there. */
  take(cost: number, now: Millis): boolean
  setRate(perSecond: number, burst: number): void
}

/** Starts full. A clock that goes back gives nothing, and takes nothing. */
export function createTokenBucket(firstPerSecond: number, firstBurst: number, start: Millis): TokenBucket {
  let perSecond = firstPerSecond
  let burst = firstBurst
  let tokens = burst
  let at = start
  return {
    take(cost, now) {
      tokens = Math.min(burst, tokens + (Math.max(0, now - at) / 1000) * perSecond)
      at = now
      if (tokens < cost) return false
      tokens -= cost
      return true
    },
    setRate(newPerSecond, newBurst) {
      perSecond = newPerSecond
      burst = newBurst
    },
  }
}
