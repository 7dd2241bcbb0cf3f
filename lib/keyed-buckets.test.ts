import { expect, test } from 'vitest'
import { KeyedBuckets } from './keyed-buckets.ts'

test('each key has a bucket of its own', () => {
  const buckets = new KeyedBuckets<string>({ perSecond: 1, burst: 2 }, 10)
  expect([buckets.take('a', 0), buckets.take('a', 0), buckets.has('a', 0), buckets.take('a', 0), buckets.has('b', 0), buckets.take('b', 0)]).toEqual([true, true, false, false, true, true])
  expect([buckets.take('a', 1000), buckets.take('a', 1000)]).toEqual([true, false])
})

test('of too many keys the one that was quiet longest is forgotten', () => {
  const buckets = new KeyedBuckets<number>({ perSecond: 0.001, burst: 1 }, 2)
  buckets.take(1, 0)
  buckets.take(2, 0)
  buckets.take(1, 0)
  buckets.take(3, 0)
  expect([1, 2, 3].map((key) => buckets.has(key, 0))).toEqual([false, true, false])
})
