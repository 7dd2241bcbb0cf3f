import { expect, test } from 'vitest'
import { joinLive } from './join.ts'

type Point = { readonly at: number; readonly value: number | null }
const steps = (first: number, ...values: (number | null)[]): Point[] => values.map((value, index) => ({ at: first + index * 10, value }))
const seconds = (first: number, ...values: number[]): Point[] => values.map((value, index) => ({ at: first + index, value }))

/** All in seconds. */
function joined(history: Point[], live: Point[], to: number, from = 0): [at: number, value: number | null][] {
  const ms = ({ at, value }: Point): Point => ({ at: at * 1000, value })
  return joinLive({
    history: history.map(ms), live: live.map(ms), stepMs: 10_000, from: from * 1000, to: to * 1000,
    isKnown: ({ value }) => value !== null, unknownAt: (at) => ({ at, value: null }),
  }).map(({ at, value }) => [at / 1000, value])
}

test('what is not reported yet is no gap; after 15 s it is', () => {
  expect(joined(steps(0, 1, 2, null), [], 25)).toEqual([[0, 1], [10, 2]])
  expect(joined(steps(0, 1, 2, null), [], 35)).toEqual([[0, 1], [10, 2]])
  expect(joined(steps(0, 1, 2, null, null), [], 36)).toEqual([[0, 1], [10, 2], [20, null], [30, null]])
  // The server has not been asked since.
  expect(joined(steps(0, 1, 2), [], 36)).toEqual([[0, 1], [10, 2], [20, null]])
})

test('the first second heard follows history without a gap, however late the last report was', () => {
  expect(joined(steps(0, 1, 2, null), seconds(33, 7, 8), 34)).toEqual([[0, 1], [10, 2], [33, 7], [34, 8]])
  expect(joined(steps(0, 1, 2, null, null), seconds(44, 7), 44)).toEqual([[0, 1], [10, 2], [20, null], [30, null], [44, 7]])
})

test('history stands in where no second was heard, and nowhere else', () => {
  const live = [...seconds(12, 5, 6), ...seconds(41, 7)]
  expect(joined(steps(0, 1, 2, 3, 4, 9), live, 41)).toEqual([[0, 1], [10, 2], [12, 5], [13, 6], [20, 3], [30, 4], [40, 9], [41, 7]])
  expect(joined([], live, 41)).toEqual([[12, 5], [13, 6], [14, null], [41, 7]])
  expect(joined([], [...seconds(12, 5), ...seconds(20, 6)], 20)).toEqual([[12, 5], [20, 6]])
  // The relay went away while the page looked on.
  expect(joined(steps(0, 1, 2, null, null), seconds(12, 5, 6), 40)).toEqual([[0, 1], [10, 2], [12, 5], [13, 6], [20, null], [30, null]])
})

test('nothing is known before the first report, nor shown before the window', () => {
  expect(joined(steps(0, null, null, 3), [], 30)).toEqual([[0, null], [10, null], [20, 3]])
  expect(joined(steps(0, 1, 2, 3), seconds(28, 4, 5), 29, 15)).toEqual([[20, 3], [28, 4], [29, 5]])
})
