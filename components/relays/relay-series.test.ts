import { expect, test } from 'vitest'
import type { RelayPoint, RelayThroughput } from '../../server/trpc/types.ts'
import { addLive, merge, unknownAt } from './relay-series.ts'

const point = (at: number, bitsIn: number | null): RelayPoint => ({ ...unknownAt(at), bitsIn })
const history = (points: RelayPoint[]): RelayThroughput => ({ range: '15m', stepMs: 10_000, from: 0, to: 100_000, points, marks: [] })

test('a late sample is left out, the buffer is bounded', () => {
  const two = addLive(addLive([], point(1000, 5)), point(2000, 6))
  expect(addLive(two, point(9000, 7)).map(({ at, bitsIn }) => [at, bitsIn])).toEqual([[1000, 5], [2000, 6], [9000, 7]])
  expect(addLive(two, point(1500, 7))).toEqual(two)
  let many: RelayPoint[] = []
  for (let at = 0; at < 700; at += 1) many = addLive(many, point(at * 1000, 1))
  expect(many).toHaveLength(600)
})

test('live points follow history and stand in for the step that still runs', () => {
  const past = history([point(60_000, 1), point(70_000, 2), point(80_000, 3), point(90_000, null)])
  const live = [point(95_000, 4), point(96_000, 5)]
  expect(merge(past, live, 65_000, 96_000).map(({ at }) => at)).toEqual([70_000, 80_000, 95_000, 96_000])
  expect(merge(past, [], 0, 100_000).map(({ at }) => at)).toEqual([60_000, 70_000, 80_000])
  expect(merge(undefined, live, 96_000, 96_000).map(({ at }) => at)).toEqual([96_000])
})
