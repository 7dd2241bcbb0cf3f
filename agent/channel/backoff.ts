import type { RandomBytes } from '../../lib/clock.ts'

const firstMs = 250
const longestMs = 30_000

/** Waits before the n-th retry (n from 0): doubles from 250 ms to 30 s, then a random half to whole of it, so that a
 * thousand nodes do not come back in the same instant. */
export function backoffMs(attempt: number, random: RandomBytes): number {
  const ceiling = Math.min(longestMs, firstMs * 2 ** Math.min(attempt, 16))
  const [high = 0, low = 0] = random(2)
  return Math.round(ceiling / 2 + (ceiling / 2) * ((high * 256 + low) / 65_535))
}
