import { expect, test } from 'vitest'
import { listed, previewLines, sideWords } from './preview.ts'

const named = (count: number, group?: string) => ({ count, names: Array.from({ length: Math.min(count, 100) }, (_, i) => `m${i + 1}`), ...(group === undefined ? {} : { group }) })
const side = (row: Partial<Parameters<typeof previewLines>[0]['rows'][number]>) =>
  ({ machines: 1, total: 1, rows: [{ kind: 'relay' as const, detail: '', who: named(1), what: named(1), isAll: false, ...row }] })

test.each([[1, 'm1'], [2, 'm1 and m2'], [3, 'm1, m2 and m3'], [15, 'm1, m2, m3 and 12 more']])('%i names', (count, words) => {
  expect(listed(named(count).names, count)).toBe(words)
})

test('a few machines have a line each, many have one together with the names behind it', () => {
  expect(previewLines(side({ who: named(2, 'tag:ci'), what: named(10), isAll: true })).map(({ who, what }) => [who, what])).toEqual([['m1', 'all 10 relays'], ['m2', 'all 10 relays']])
  expect(previewLines(side({ who: named(2), what: named(2) })).map(({ who, what, names }) => [who, what, names])).toEqual([['m1', 'm1 and m2', []], ['m2', 'm1 and m2', []]])
  expect(previewLines(side({ who: named(8, 'group:eng'), what: named(10, 'tag:relay'), isAll: true }))).toEqual([
    { key: '0', who: '8 machines of', selector: 'group:eng', what: 'all 10 relays', names: named(8).names, more: 0 },
  ])
  expect(previewLines(side({ who: named(250) }))).toMatchObject([{ who: 'm1, m2, m3 and 247 more', more: 150 }])
})

test.each([
  [{ kind: 'reach', detail: '*', what: named(48, '*') }, 'all 48 machines, any port'],
  [{ kind: 'reach', detail: '443, tcp:22', what: named(1) }, 'm1, 443, tcp:22'],
  [{ kind: 'reach', detail: '443', what: named(9, 'tag:prod') }, '9 machines of tag:prod, 443'],
  [{ kind: 'capability', detail: 'example.com/cap/db', what: named(1) }, 'm1, example.com/cap/db'],
  [{ kind: 'terms', detail: '20 sessions instead of 10', what: named(2) }, '20 sessions instead of 10 on m1 and m2'],
  [{ kind: 'attribute', detail: 'funnel', what: named(0) }, 'funnel'],
] as const)('what they gain or lose: %#', (row, words) => {
  expect(previewLines(side({ ...row, what: { ...row.what } }))[0]?.what).toBe(words)
})

test('a side says how many it is about', () => {
  expect([0, 1, 2].map((machines) => sideWords({ machines, rows: [], total: machines }, 'loses'))).toEqual(['Nobody loses anything', '1 machine loses', '2 machines lose'])
  expect(sideWords({ machines: 0, rows: [], total: 1 }, 'gains')).toBe('Subnets gain')
})
