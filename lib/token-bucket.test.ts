import { expect, test } from 'vitest'
import { TokenBucket } from './token-bucket.ts'

test('gives the burst at once, then so much a second, never more than the burst', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 20 }, 0)
  expect([bucket.take(15, 0), bucket.take(6, 0), bucket.take(5, 0)]).toEqual([true, false, true])
  expect([bucket.take(6, 500), bucket.take(5, 500)]).toEqual([false, true])
  expect([bucket.has(20, 10_000), bucket.isFull(10_000), bucket.take(21, 10_000), bucket.take(20, 10_000), bucket.isFull(10_000)]).toEqual([true, true, false, true, false])
})

test('a clock that goes back gives nothing and takes nothing', () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 10 }, 100_000)
  expect(bucket.take(10, 100_000)).toBe(true)
  expect([bucket.has(1, 0), bucket.take(1, 0)]).toEqual([false, false])
  expect([bucket.take(10, 1000), bucket.take(1, 1000)]).toEqual([true, false])
})

test('a new rate holds from the next call on', () => {
  const bucket = new TokenBucket({ perSecond: 1, burst: 100 }, 0)
  bucket.setRate({ perSecond: 2, burst: 4 })
  expect([bucket.take(5, 0), bucket.take(4, 0), bucket.take(2, 1000), bucket.take(1, 1000)]).toEqual([false, true, true, false])
})
