import { expect, test } from 'vitest'
import { DerpFigures } from './derp.ts'

const second = { bytes: 1000, packets: 4, pairs: [{ a: 2, b: 1, bytesFromA: 300, bytesFromB: 0 }, { a: 1, b: 2, bytesFromA: 600, bytesFromB: 0 }] }

test('pairs come in any order, each direction on its own', () => {
  const figures = new DerpFigures(0)
  figures.record(second, 1000)
  expect(figures.rate(1000)).toBe(8000)
  expect(figures.pairs(1000)).toEqual([{ a: 1, b: 2, rateFromA: 4800, rateFromB: 2400 }])
  expect(figures.take(9999)).toBeUndefined()
  expect(figures.take(10_000)).toMatchObject({ relayId: 0, from: 0, to: 10_000, bytesIn: 1000, packetsIn: 4 })
  expect(figures.take(20_000)).toMatchObject({ from: 10_000, bytesIn: 0 })
})

test('the rate in all is that of the pairs, and what only tells paths, at any moment: also when they fall silent', () => {
  const figures = new DerpFigures(0)
  const inAll = (now: number): number => figures.pairs(now).reduce((all, { rateFromA, rateFromB }) => all + rateFromA + rateFromB, 0)
  const idle = { bytes: 0, pairs: [] }
  const seen: [number, number][] = []
  for (const [at, one] of [[1000, second], [2003, second], [2995, second], [4000, idle], [5000, idle], [6001, idle], [7000, idle]] as const) {
    figures.record(one, at)
    for (const now of [at, at + 990]) seen.push([figures.rate(now), inAll(now)])
  }
  for (const [rate, pairs] of seen) expect(pairs).toBeCloseTo(rate * 0.9, 6)
  expect(seen.map(([rate]) => rate > 0)).toEqual([true, true, true, true, true, true, true, true, true, true, false, false, false, false])
  expect(figures.rate(9000)).toBe(0)
})

test('a machine that slept, or a clock that was set back, makes no false rate', () => {
  const figures = new DerpFigures(0)
  figures.record(second, 1000)
  expect(figures.take(3_600_000)).toMatchObject({ from: 3_570_000, to: 3_600_000 })
  figures.record(second, 5000)
  expect(figures.pairs(5000)).toHaveLength(1)
  expect(figures.take(15_000)).toMatchObject({ from: 5000, to: 15_000, bytesIn: 1000 })
})

test('pairs are bounded', () => {
  const figures = new DerpFigures(0)
  const pairs = Array.from({ length: 10_050 }, (_, i) => ({ a: i + 1, b: 20_000, bytesFromA: 1, bytesFromB: 1 }))
  figures.record({ bytes: 1, pairs }, 0)
  expect(figures.pairs(0)).toHaveLength(10_000)
})
