/** How much may pass on the average: of bytes and of packets, whichever is less. */
export interface Rate {
  readonly bytesPerSecond: number
  readonly packetsPerSecond: number
}

/** After silence so much of a rate passes at once. */
const burstMs = 100
/** At least this much does, however small the rate is: ten full packets, or one jumbo frame and some. A larger datagram never passes a rate that is that small. */
export const leastBurst = { bytes: 16_384, packets: 32 } as const
/** The share of a burst that data leaves to probes: a session at its limit keeps its path. */
const probeShare = 1 / 8

/** Numbers of one bucket: one line of the cache. Its debt, as the moment when it is paid, by bytes and by packets; what it pays in a millisecond; and how far ahead of now that moment may be. */
export const bucketRoom = 8
const field = { bytesPaidAt: 0, packetsPaidAt: 1, bytesPerMs: 2, packetsPerMs: 3, bytesBurstMs: 4, packetsBurstMs: 5 } as const

/** Gives the bucket at `at` a rate. What it has passed already counts on. */
export function setRate(buckets: Float64Array, at: number, { bytesPerSecond, packetsPerSecond }: Rate): void {
  const bytesPerMs = Math.max(bytesPerSecond, 1) / 1000
  const packetsPerMs = Math.max(packetsPerSecond, 0.01) / 1000
  buckets[at + field.bytesPerMs] = bytesPerMs
  buckets[at + field.packetsPerMs] = packetsPerMs
  buckets[at + field.bytesBurstMs] = Math.max(burstMs, leastBurst.bytes / bytesPerMs)
  buckets[at + field.packetsBurstMs] = Math.max(burstMs, leastBurst.packets / packetsPerMs)
}

/** A new bucket passes a whole burst. */
export function forgetPassed(buckets: Float64Array, at: number): void {
  buckets[at + field.bytesPaidAt] = -Infinity
  buckets[at + field.packetsPaidAt] = -Infinity
}

/** Milliseconds to pay, at the field `paidAt`. More than a burst is what a slower rate left: it is cut, to be paid in this one's time. */
function debt(buckets: Float64Array, paidAt: number, burst: number, now: number): number {
  const left = (buckets[paidAt] ?? 0) - now
  if (left <= burst) return Math.max(0, left)
  buckets[paidAt] = now + burst
  return burst
}

/** How many of `packets` datagrams may pass now: `length` bytes together, each of `size` but a last one that may be shorter. `now` is of a clock that does not jump, ms. */
export function fitting(buckets: Float64Array, at: number, packets: number, size: number, length: number, isProbe: boolean, now: number): number {
  const bytesBurst = buckets[at + field.bytesBurstMs] ?? 0
  const packetsBurst = buckets[at + field.packetsBurstMs] ?? 0
  const part = isProbe ? 1 : 1 - probeShare
  const bytes = (bytesBurst * part - debt(buckets, at + field.bytesPaidAt, bytesBurst, now)) * (buckets[at + field.bytesPerMs] ?? 0)
  const count = (packetsBurst * part - debt(buckets, at + field.packetsPaidAt, packetsBurst, now)) * (buckets[at + field.packetsPerMs] ?? 0)
  const ofBytes = length <= bytes ? packets : Math.floor(bytes / size)
  return Math.max(0, Math.min(packets, ofBytes, Math.floor(count)))
}

/** Charges what passes. */
export function charge(buckets: Float64Array, at: number, packets: number, bytes: number, now: number): void {
  buckets[at + field.bytesPaidAt] = Math.max(buckets[at + field.bytesPaidAt] ?? 0, now) + bytes / (buckets[at + field.bytesPerMs] ?? 1)
  buckets[at + field.packetsPaidAt] = Math.max(buckets[at + field.packetsPaidAt] ?? 0, now) + packets / (buckets[at + field.packetsPerMs] ?? 1)
}
