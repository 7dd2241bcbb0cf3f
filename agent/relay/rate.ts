import { encodeIp, type AddrPort } from '../../lib/addr-port.ts'
import type { Millis } from '../../lib/clock.ts'

const buckets = 65_536

export interface SourceRate {
  /** Counts one handshake message; false when its source has used up this second. */
  take(from: AddrPort, limit: number, now: Millis): boolean
}

/**
 * Handshakes per second and source: an IPv4 address, or an IPv6 /64, as one host has a whole one. A fixed table of
 * counts, not a map, so that spoofed sources fill no memory; salted, so that nobody can choose whose count to share.
 */
export function createSourceRate(salt: number): SourceRate {
  const counts = new Uint32Array(buckets)
  let second = 0
  return {
    take(from, limit, now) {
      const current = Math.floor(now / 1000)
      if (current !== second) {
        counts.fill(0)
        second = current
      }
      const bucket = bucketOf(from, salt)
      const count = counts[bucket] ?? 0
      if (count >= limit) return false
      counts[bucket] = count + 1
      return true
    },
  }
}

/** FNV-1a over the significant bytes, folded to the table's size. */
function bucketOf(from: AddrPort, salt: number): number {
  const bytes = encodeIp(from.ip)
  if (!bytes) return 0
  const significant = from.ip.includes(':') ? bytes.subarray(0, 8) : bytes.subarray(12)
  let hash = (2_166_136_261 ^ salt) >>> 0
  for (const byte of significant) hash = Math.imul(hash ^ byte, 16_777_619) >>> 0
  return (hash ^ (hash >>> 16)) & (buckets - 1)
}
