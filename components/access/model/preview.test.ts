import { expect, test } from 'vitest'
import { changesNothing, firstWords, namesWords, previewLines, sideWords } from './preview.ts'

const named = (count: number, group?: string) => ({ count, names: Array.from({ length: Math.min(count, 100) }, (_, i) => `m${i + 1}`), ...(group === undefined ? {} : { group }) })
const side = (row: Partial<Parameters<typeof previewLines>[0]['rows'][number]>) =>
  ({ machines: 1, total: 1, rows: [{ kind: 'relay' as const, detail: '', who: named(1), what: named(1), isAll: false, ...row }] })

test.each([[1, 'm1'], [2, 'm1 and m2'], [3, 'm1, m2 and m3'], [15, 'm1, m2, m3 and 12 more']])('%i names', (count, words) => {
  expect(namesWords(named(count).names, count)).toBe(words)
})

test('machines that are alike stand in one line, the names of many behind it', () => {
  expect(previewLines(side({ who: named(2, 'tag:ci'), what: named(10), isAll: true })).map(({ who, what }) => [who, what])).toEqual([['m1 and m2', 'relay through all 10 relays']])
  expect(previewLines(side({ who: named(2), what: named(2) })).map(({ who, what, names }) => [who, what, names])).toEqual([['m1 and m2', 'relay through m1 and m2', []]])
  expect(previewLines(side({ who: named(4, 'tag:ci') }))).toMatchObject([{ who: '4 machines of', selector: 'tag:ci', what: 'relay through m1', names: named(4).names }])
  expect(previewLines(side({ who: named(8, 'group:eng'), what: named(10, 'tag:relay'), isAll: true }))).toEqual([
    { key: '0', who: '8 machines of', selector: 'group:eng', what: 'relay through all 10 relays', names: named(8).names, more: 0 },
  ])
  expect(previewLines(side({ who: named(250) }))).toMatchObject([{ who: 'm1, m2, m3 and 247 more', more: 150 }])
})

test.each([
  [{ kind: 'reach', detail: '*', what: named(48, '*') }, 'reach all 48 machines, any port'],
  [{ kind: 'reach', detail: '443, tcp:22', what: named(1) }, 'reach m1, 443, tcp:22'],
  [{ kind: 'reach', detail: '443', what: named(9, 'tag:prod') }, 'reach 9 machines of tag:prod, 443'],
  [{ kind: 'capability', detail: 'example.com/cap/db', what: named(1) }, 'm1, example.com/cap/db'],
  [{ kind: 'terms', detail: '20 sessions instead of 10', what: named(2) }, '20 sessions instead of 10 on m1 and m2'],
  [{ kind: 'attribute', detail: 'funnel', what: named(0) }, 'funnel'],
] as const)('what they gain or lose: %#', (row, words) => {
  expect(previewLines(side({ ...row, what: { ...row.what } }))[0]?.what).toBe(words)
})

test('several limits on the same relays are one line', () => {
  const [row] = side({ kind: 'terms', who: named(5, 'tag:ci'), what: named(2), detail: 'at most 20 sessions' }).rows
  if (row === undefined) throw new Error('no row')
  const rows = [row, { ...row, detail: 'at most 5 Mbit/s' }, { ...row, what: named(1) }]
  expect(previewLines({ machines: 5, total: 3, rows }).map(({ what }) => what)).toEqual(['at most 20 sessions, at most 5 Mbit/s on m1 and m2', 'at most 20 sessions on m1'])
  expect(firstWords({ machines: 5, total: 15, rows }, 1)).toEqual({ lines: ['5 machines of tag:ci: at most 20 sessions, at most 5 Mbit/s on m1 and m2'], more: 13 })
})

test('whether anything changes', () => {
  const none = { machines: 0, total: 0, rows: [] }
  expect(changesNothing({ gains: none, loses: none, paths: [], totalPaths: 0, notes: [] })).toBe(true)
  expect(changesNothing({ gains: none, loses: none, paths: [], totalPaths: 1, notes: [] })).toBe(false)
})

test('a side says how many it is about', () => {
  expect([0, 1, 2].map((machines) => sideWords({ machines, rows: [], total: machines }, 'loses'))).toEqual(['Nobody loses anything', '1 machine loses', '2 machines lose'])
  expect(sideWords({ machines: 0, rows: [], total: 1 }, 'gains')).toBe('Subnets gain')
})
