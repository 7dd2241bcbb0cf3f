import { expect, test } from 'vitest'
import { bound } from './bound.ts'

test('a bound is as it is up to twice as much work as cores, then grows with it, to four times at most', () => {
  expect([0, 4, 6, 16, 100].map((load) => bound(500, [load], 2))).toEqual([500, 500, 750, 2000, 2000])
})
