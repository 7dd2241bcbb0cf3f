import { expect, test } from 'vitest'
import { cleanReport } from './clean.ts'
import { delta, report } from './testing.ts'

const arrivedAt = 1_800_000_000_000
const hour = 3_600_000

test('times are put on our clock by the known skew, and never lie in the future', () => {
  const behind = report(1, { at: arrivedAt - 3 * hour, sessions: [delta('k', { openedAt: arrivedAt - 4 * hour })] })
  expect(cleanReport(behind, { arrivedAt, skewMs: 3 * hour })).toMatchObject({ from: arrivedAt - 10_000, to: arrivedAt, sessions: [{ openedAt: arrivedAt - hour }] })
  expect(cleanReport(behind, { arrivedAt, skewMs: 4 * hour })).toMatchObject({ to: arrivedAt })
})

test('without a known skew: ahead is skew, behind is a report that waited', () => {
  expect(cleanReport(report(1, { at: arrivedAt + hour }), { arrivedAt, skewMs: undefined })).toMatchObject({ to: arrivedAt })
  expect(cleanReport(report(1, { at: arrivedAt - hour }), { arrivedAt, skewMs: undefined })).toMatchObject({ to: arrivedAt - hour })
})

test('what cannot be is cut to what can', () => {
  const wild = report(1, {
    at: arrivedAt, intervalMs: 10 ** 12, bytesIn: Number.MAX_SAFE_INTEGER, cpuMs: 1e300, endpoints: Number.MAX_SAFE_INTEGER,
    drops: { 'a b': 1, ok: 2, [`x${'y'.repeat(100)}`]: 3 },
    sessions: [delta('k', { a: 2 ** 40 }), delta('\0'), delta('fine', { openedAt: -1e15 })],
    ended: [{ key: 'fine', at: 1e18, reason: 'b\0y' }],
  })
  const clean = cleanReport(wild, { arrivedAt, skewMs: 0 })
  expect(clean).toMatchObject({ to: arrivedAt, from: arrivedAt - 24 * hour, drops: { ok: 2 }, endpoints: 0x7fffffff, ended: [{ at: arrivedAt, reason: 'by' }] })
  expect(clean?.sessions.map(({ key }) => key)).toEqual(['fine'])
  expect(clean?.sessions[0]?.openedAt).toBe(arrivedAt - 30 * 24 * hour)
  expect(cleanReport(report(2 ** 40), { arrivedAt, skewMs: 0 })).toBeUndefined()
  expect(cleanReport(report(1, { boot: '\0' }), { arrivedAt, skewMs: 0 })).toBeUndefined()
})

test('history is of no time, and not cut to what a moment can carry', () => {
  const old = report(1, { at: arrivedAt, intervalMs: 1, sessions: [delta('k', { bytesFromA: 10 ** 12 })] })
  expect(cleanReport(old, { arrivedAt, skewMs: 0, isHistory: true })).toMatchObject({ from: arrivedAt, to: arrivedAt, isHistory: true, sessions: [{ bytesFromA: 10 ** 12 }] })
  expect(cleanReport(old, { arrivedAt, skewMs: 0 })?.sessions[0]?.bytesFromA).toBe(100_000_000)
})
