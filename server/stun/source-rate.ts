import { subscriberOf } from '../../lib/addr-port.ts'
import type { Millis } from '../../lib/clock.ts'

/** Sources counted in one second; further ones are refused: so many at once are no clients of ours. */
const maxSources = 65_536

export interface SourceRate {
  /** False when this source has had its share of this second. */
  take(ip: string, now: Millis): boolean
}

/** Requests per second and source: an IPv4 address, or an IPv6 /64, as one host has a whole one. */
export function createSourceRate(perSecond: number): SourceRate {
  /** Bounded: `maxSources`, emptied each second. */
  const counts = new Map<string, number>()
  let second = 0
  return {
    take(ip, now) {
      const current = Math.floor(now / 1000)
      if (current !== second) {
        counts.clear()
        second = current
      }
      const source = subscriberOf(ip)
      const count = counts.get(source)
      if (count === undefined && counts.size >= maxSources) return false
      if ((count ?? 0) >= perSecond) return false
      counts.set(source, (count ?? 0) + 1)
      return true
    },
  }
}
