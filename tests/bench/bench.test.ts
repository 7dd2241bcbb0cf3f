import { expect, test } from 'vitest'
import { bar, barMost, type BenchResult } from './bench.ts'
import { benchJson, benchText } from './report.ts'
import { figure, interleave, median, quantile } from './stats.ts'

test('medians and quartiles', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 2, 3])).toBe(2.5)
  expect(quantile([0, 10], 0.25)).toBe(2.5)
})

test('a ratio is the median of the rounds’ own ratios', () => {
  const bare = { name: 'bare', unit: 'x', values: [100, 10, 100] }
  const one = figure({ name: 'agent', unit: 'x', values: [90, 9, 80] }, bare)
  expect(one).toMatchObject({ value: 80, against: 'bare', ratio: 0.9 })
  expect(figure(bare)).toMatchObject({ value: 100, spread: 0.225 })
})

test('rounds are interleaved, each second one backwards', async () => {
  const order: string[] = []
  const values = await interleave(2, ['a', 'b'], (subject, round) => Promise.resolve(order.push(`${subject}${round}`)))
  expect(order).toEqual(['a0', 'b0', 'b1', 'a1'])
  expect(values).toEqual({ a: [1, 4], b: [2, 3] })
})

const result: BenchResult = {
  name: 'relay',
  figures: [{ name: 'bare', value: 200_000, unit: 'p/s', spread: 0.01 }, { name: 'agent', value: 180_000, unit: 'p/s', spread: 0.02, against: 'bare', ratio: 0.9 }],
  bars: [bar('agent against bare', 0.9, 0.8), bar('other', 0.7, 0.8), barMost('seconds', 1.5, 2)],
}

test('for a person: figures with spread and ratio, bars, a closing line', () => {
  const text = benchText(result)
  expect(text).toContain('180,000 p/s ±2.0 %   0.900 of bare')
  expect(text).toMatch(/other +0\.700, at least 0\.8: DOES NOT HOLD\nseconds +1\.500, at most 2: holds\n2 of 3 bars hold$/)
})

test('for a program: names, values, ratios, bars', () => {
  expect(JSON.parse(benchJson(result))).toEqual({
    name: 'relay',
    figures: [
      { name: 'bare', value: 200_000, unit: 'p/s', against: null, ratio: null },
      { name: 'agent', value: 180_000, unit: 'p/s', against: 'bare', ratio: 0.9 },
    ],
    bars: [
      { name: 'agent against bare', value: 0.9, limit: 0.8, bound: 'least', holds: true },
      { name: 'other', value: 0.7, limit: 0.8, bound: 'least', holds: false },
      { name: 'seconds', value: 1.5, limit: 2, bound: 'most', holds: true },
    ],
  })
})
