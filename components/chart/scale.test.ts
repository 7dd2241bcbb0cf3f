import { expect, test } from 'vitest'
import { findGaps, greatest, nearest, niceMax } from './scale.ts'

test.each([
  [0, 1000, 1000],
  [4_180_000, 1, 5_000_000],
  [5_000_000, 1, 5_000_000],
  [534, 1, 600],
  [1_090, 1, 1_500],
  [0.37, 0.1, 0.4],
])('an axis for %d (at least %d) ends at %d', (value, least, end) => {
  expect(niceMax(value, least)).toBeCloseTo(end, 9)
})

test('gaps begin after the first report and end with the next; the last one lasts until now', () => {
  const times = [0, 10, 20, 30, 40, 50, 60]
  expect(findGaps(times, [null, 5, null, null, 0, 3, null], 70)).toEqual([{ from: 20, to: 40 }, { from: 60, to: 70 }])
  expect(findGaps(times, [null, null, null, null, null, null, null], 70)).toEqual([])
  expect(findGaps(times, [1, 2, 3, 4, 5, 6, 7], 70)).toEqual([])
})

test('the nearest point, within reach', () => {
  const times = [0, 10, 20, 30]
  expect(nearest(times, 14, 10)).toBe(1)
  expect(nearest(times, 16, 10)).toBe(2)
  expect(nearest(times, 99, 10)).toBe(null)
  expect(nearest([], 1, 10)).toBe(null)
  expect(greatest([[1, null, 7], [null, 3, 2]])).toBe(7)
})
