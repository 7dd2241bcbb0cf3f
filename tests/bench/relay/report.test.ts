import { expect, test } from 'vitest'
import { generatorWords, readOutcome } from './generator.ts'
import { figuresOf, ratioBars, ratioOf, type CellResult } from './measured.ts'
import { cellName, cells } from './plan.ts'
import { barPlot, step } from './plot.ts'
import { collectorPauses, growth } from './soak.ts'
import { markdownTable } from './table.ts'
import { manyBars } from './throughput.ts'
import { lesserShare } from './workers.ts'

const relays = ['dgram', 'batched', 'reference'] as const
const [small, many] = cells.saturated
const results: CellResult[] = [
  { cell: small, values: { dgram: [100_000, 50_000, 110_000], batched: [400_000, 300_000, 420_000], reference: [500_000, 400_000, 500_000] } },
  { cell: many, values: { dgram: [100_000, 100_000, 100_000], batched: [300_000, 320_000, 310_000], reference: [300_000, 320_000, 310_000] } },
].flatMap(({ cell, values }) => (cell ? [{ cell, values }] : []))
const [first] = results

test('loads have names', () => {
  expect(cells.saturated.map(cellName)).toEqual(['72 B, 1 session', '72 B, 64 sessions', '1308 B, 1 session', '1308 B, 64 sessions'])
  expect(cells.coalescing.map(cellName)[0]).toBe('72 B, 1 session, coalescing')
  expect(cells.many.map(cellName).at(-1)).toBe('1308 B, 4,096 sessions, packet by packet')
})

test('a ratio is of the same round, and bars are its median and its least over the loads', () => {
  expect(first && ratioOf(first, 'batched', 'dgram')).toBe(4)
  expect(first && ratioOf(first, 'batched', 'other')).toBeNaN()
  expect(ratioBars(results, { relay: 'batched', against: 'dgram', median: 3.5, least: 3.2 })).toEqual([
    { name: 'batched: median over cells, times dgram', value: 3.55, limit: 3.5, holds: true },
    { name: 'batched: least cell, times dgram', value: 3.1, limit: 3.2, holds: false },
  ])
  expect(ratioBars(results, { relay: 'batched', against: 'other', median: 0, least: 0 }).map(({ holds }) => holds)).toEqual([false, false])
})

test('many sessions are held against few of the same size, and packet by packet against the reference', () => {
  const values = (batched: number, reference = 0): CellResult['values'] => ({ batched: [batched], reference: [reference] })
  const made = cells.many.map((cell): CellResult => ({
    cell, values: cell.burst === 1 ? values(90, 100) : values(cell.sessions === 64 ? 200 : cell.size === 72 ? 180 : 160),
  }))
  expect(manyBars(made).map(({ name, value, holds }) => [name, value, holds])).toEqual([
    ['batched: 72 B, 4,096 sessions, times its own with 64', 0.9, true],
    ['batched: 1308 B, 4,096 sessions, times its own with 64', 0.8, false],
    ['batched: 72 B, 4,096 sessions, packet by packet, times the reference', 0.9, true],
    ['batched: 1308 B, 4,096 sessions, packet by packet, times the reference', 0.9, true],
  ])
  expect(manyBars(made.slice(1, 2)).map(({ holds }) => holds)).not.toContain(true)
})

test('the lesser worker is the second of the busiest threads, by what they did meanwhile', () => {
  const before = new Map([['main', 900], ['one', 100], ['two', 500]])
  const after = new Map([['main', 910], ['one', 160], ['two', 540], ['new', 5]])
  expect(lesserShare(before, after)).toBeCloseTo(0.4)
  expect(lesserShare(new Map(), new Map([['main', 1]]))).toBeNaN()
})

test('figures are compared with the first relay', () => {
  expect(figuresOf(results, relays).slice(0, 2)).toMatchObject([
    { name: 'dgram: 72 B, 1 session', value: 100_000 },
    { name: 'batched: 72 B, 1 session', value: 400_000, against: 'dgram: 72 B, 1 session', ratio: 4 },
  ])
})

test('the table has medians, spreads and ratios', () => {
  expect(markdownTable(results, relays).split('\n')).toEqual([
    '| thousand packets per CPU second | dgram | batched | C, the same way | batched ÷ dgram | batched ÷ C, the same way |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    '| 72 B, 1 session | 100 ±15 % | 400 ±8 % | 500 ±5 % | 4.00 | 0.80 |',
    '| 72 B, 64 sessions | 100 ±0 % | 310 ±2 % | 310 ±2 % | 3.10 | 1.00 |',
  ])
})

test('a long label has its place', () => {
  const labelsEndAt = (cells: readonly CellResult[]): number => Number(/<text x="([\d.]+)"[^>]*text-anchor="end"/.exec(barPlot(cells, relays))?.[1])
  const long: CellResult[] = cells.coalescing.map((cell) => ({ cell, values: { batched: [1000] } }))
  expect(labelsEndAt(long)).toBeGreaterThan(6.5 * '1308 B, 64 sessions, coalescing'.length)
  expect(labelsEndAt(long)).toBeGreaterThan(labelsEndAt(results))
})

test('the axis has at most six steps of 1, 2 or 5', () => {
  expect([6, 7, 29, 31, 614_000].map(step)).toEqual([1, 2, 5, 10, 200_000])
})

test('the plot has a bar for each value, as long as it is large', () => {
  const svg = barPlot(results, relays)
  const lengths = [...svg.matchAll(/width="([\d.]+)" height="14"[^>]* class="batched"/g)].map(([, length]) => Number(length))
  expect(lengths).toHaveLength(2)
  expect((lengths[0] ?? 0) / (lengths[1] ?? 1)).toBeCloseTo(400 / 310, 2)
  expect(svg).toContain('prefers-color-scheme: dark')
  expect(svg).toContain('>400k<')
})

test('a relay that was not measured has no bar', () => {
  expect(barPlot(results, [...relays, 'other'])).not.toContain('NaN')
})

test('the generator is told which sessions, and how many packets a second', () => {
  const words = generatorWords({ size: 72, sessions: 1, burst: 1, seconds: 2, rate: 1000.4, first: 64 }, 40_002, 7).join(' ')
  expect(words).toContain('-q 40002')
  expect(words).toContain('-p 5128 -v 1064 -n 1 -s 72 -g 1 -B 1')
  expect(words).toContain('-P 7 -m open -R 1000')
})

test('what came out otherwise than it went in is a fault, not a figure', () => {
  const line = { pps: 1000, cpu_s_per_mpkt: 2, cpu_pct: 98, gen_cpu_pct: 90, other_cpu_pct: 1, loss_pct: 0, bad: 0, first_bad: '', p50_us: 100, p99_us: 200 }
  expect(readOutcome(JSON.stringify(line))).toMatchObject({ packetsPerCpuSecond: 500_000, latencyUs: { p50: 100, p99: 200 } })
  expect(() => readOutcome(JSON.stringify({ ...line, bad: 1, first_bad: '9 bytes' }))).toThrow('1 came otherwise than sent; the first: 9 bytes')
  expect(() => readOutcome(JSON.stringify({ ...line, pps: 0 }))).toThrow('It does not forward')
})

test('the collector’s pauses are read out of its trace, and growth compares quarters', () => {
  const log = '[1:0x5] 61 ms: Scavenge 4.1 (5.6) -> 3.9 (6.6) MB, 0.52 / 0.00 ms  (average mu = 1.000) allocation failure;\nother\n[1:0x6] 90 ms: Mark-Compact 9.0 (12.1) -> 7.2 (12.6) MB, 6.31 / 0.02 ms  (+ 7.8 ms in 63 steps since start of marking, biggest step 4.1 ms) task;\n'
  expect(collectorPauses(log).map(({ ms, stepMs }) => [ms, stepMs])).toEqual([[0.52, 0], [6.31, 4.1]])
  expect(collectorPauses(log)[1]?.line).toMatch(/^\[1:0x6\] 90 ms: Mark-Compact .* task;$/)
  expect(growth([1, 1, 10, 10, 10, 12, 20, 20])).toBe(2)
})
