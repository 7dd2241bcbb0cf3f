import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bucketRoom, charge, fitting, forgetPassed, leastBurst, setRate, type Rate } from './token-bucket.ts'

const start = 5_000

function bucketOf(rate: Rate) {
  const buckets = new Float64Array(2 * bucketRoom)
  const at = bucketRoom
  forgetPassed(buckets, at)
  setRate(buckets, at, rate)
  return {
    setRate: (next: Rate) => setRate(buckets, at, next),
    take(now: number, size: number, packets = 1, isProbe = false): number {
      const passed = fitting(buckets, at, packets, size, packets * size, isProbe, now)
      charge(buckets, at, passed, passed * size, now)
      return passed
    },
    others: () => [...buckets.subarray(0, at)],
  }
}

const burstOf = ({ bytesPerSecond, packetsPerSecond }: Rate) => ({ bytes: Math.max(leastBurst.bytes, bytesPerSecond / 10), packets: Math.max(leastBurst.packets, packetsPerSecond / 10) })

const anyRate = fc.record({ bytesPerSecond: fc.integer({ min: 1_000, max: 125_000_000 }), packetsPerSecond: fc.integer({ min: 5, max: 600_000 }) })
const anyRun = fc.record({ wait: fc.constantFrom(0, 0, 0.01, 0.5, 3, 40, 700), size: fc.integer({ min: 8, max: 9_000 }), packets: fc.integer({ min: 1, max: 64 }), isProbe: fc.boolean() })

test('over any window no more passes than a burst and the rate times its length, of bytes and of packets', () => {
  fc.assert(fc.property(anyRate, fc.array(anyRun, { minLength: 1, maxLength: 120 }), (rate, runs) => {
    const bucket = bucketOf(rate)
    const burst = burstOf(rate)
    let now = start
    const passed = runs.map(({ wait, size, packets, isProbe }) => {
      now += wait
      const count = bucket.take(now, size, packets, isProbe)
      return { at: now, packets: count, bytes: count * size }
    })
    const beyond = passed.flatMap((first, from) => {
      let [bytes, packets] = [0, 0]
      return passed.slice(from).filter((last) => {
        bytes += last.bytes
        packets += last.packets
        const seconds = (last.at - first.at) / 1000
        return bytes > (burst.bytes + rate.bytesPerSecond * seconds) * (1 + 1e-9) || packets > (burst.packets + rate.packetsPerSecond * seconds) * (1 + 1e-9)
      })
    })
    expect(beyond).toEqual([])
    expect(bucket.others()).toEqual(new Array(bucketRoom).fill(0))
  }))
})

test('who asks for more all the time gets the rate', () => {
  fc.assert(fc.property(fc.integer({ min: 125_000, max: 125_000_000 }), fc.integer({ min: 200, max: 1_500 }), (bytesPerSecond, size) => {
    const bucket = bucketOf({ bytesPerSecond, packetsPerSecond: bytesPerSecond / 200 })
    while (bucket.take(start, size, 64) > 0) continue
    let bytes = 0
    for (let ms = 1; ms <= 2_000; ms++) for (let got = -1; got !== 0; bytes += got * size) got = bucket.take(start + ms, size, 64)
    expect(bytes).toBeGreaterThan(2 * bytesPerSecond - 2 * size)
  }), { numRuns: 20 })
})

test('after silence, however long, no more than the burst; a part of a run passes where not all fits', () => {
  const rate = { bytesPerSecond: 10_000_000, packetsPerSecond: 50_000 }
  const bucket = bucketOf(rate)
  for (const quiet of [0, 1_000, 86_400_000]) {
    const first = bucket.take(start + quiet, 1_000, 10_000, true)
    expect(first).toBe(1_000)
    expect(bucket.take(start + quiet, 1_000, 1, true)).toBe(0)
  }
})

test('tiny packets are limited by their count', () => {
  const bucket = bucketOf({ bytesPerSecond: 20_000_000, packetsPerSecond: 100_000 })
  expect(bucket.take(start, 8, 100_000, true)).toBe(10_000)
})

test('probes pass where data has used up its part', () => {
  const bucket = bucketOf({ bytesPerSecond: 1_000_000, packetsPerSecond: 5_000 })
  expect(bucket.take(start, 1_000, 1_000)).toBe(87)
  expect(bucket.take(start, 1_000, 1)).toBe(0)
  expect(bucket.take(start, 100, 5, true)).toBe(5)
})

test('another rate holds at once: what a slow one left to pay is no more than a burst of the new one', () => {
  const bucket = bucketOf({ bytesPerSecond: 100, packetsPerSecond: 1 })
  while (bucket.take(start, 1_000, 1, true) > 0) continue
  const fast = { bytesPerSecond: 10_000_000, packetsPerSecond: 50_000 }
  bucket.setRate(fast)
  expect(bucket.take(start + 1, 1_000, 1_000, true)).toBe(0)
  expect(bucket.take(start + 2, 1_000, 1_000, true)).toBe(10)
  expect(bucket.take(start + 102, 1_000, 5_000, true)).toBe(1_000)
})
