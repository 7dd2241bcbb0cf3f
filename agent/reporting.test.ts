import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Report } from '../protocol/channel/index.ts'
import { Reporting } from './reporting.ts'
import { Reporter } from './telemetry/index.ts'

beforeEach(() => vi.useFakeTimers({ now: 0 }))
afterEach(() => vi.useRealTimers())

function rig(onDisk = false) {
  const unsent: Report[] = []
  const saved: number[][] = []
  const state = { acknowledges: true, full: false }
  const totals = { packetsIn: 0, bytesIn: 0, packetsOut: 0, bytesOut: 0, congestionDrops: 0, kernelDrops: 0, controlDrops: 0, rateDrops: 0, shareDrops: 0, tooBig: 0, socketErrors: 0 }
  const reporter = new Reporter('boot', { totals: () => totals, traffic: () => [], drops: () => ({}), endpoints: () => 0, cpuMs: () => 0 }, [], 0)
  const made: Report[] = []
  const reporting = new Reporting({
    reporter,
    clock: { now: () => Date.now() },
    channel: {
      get outboxFull() { return state.full },
      unsent,
      report(report) {
        made.push(report)
        if (!state.acknowledges) unsent.push(report)
      },
    },
    save: (reports) => void saved.push(reports.map(({ sequence }) => sequence)),
    onSaveError: (error) => { throw error },
  }, onDisk)
  return { state, unsent, saved, made, reporting }
}

test('each 10 s, each second while watched, at once when somebody begins to look', () => {
  const { made, reporting } = rig()
  reporting.start()
  vi.advanceTimersByTime(20_000)
  expect(made.map(({ at }) => at)).toEqual([0, 10_000, 20_000])
  vi.advanceTimersByTime(300)
  reporting.watch(true)
  reporting.watch(true)
  vi.advanceTimersByTime(2000)
  expect(made.slice(3).map(({ at }) => at)).toEqual([20_300, 21_300, 22_300])
  reporting.stop()
  vi.advanceTimersByTime(60_000)
  expect(made).toHaveLength(7)
})

test('writes nothing while acknowledged; keeps what is not; forgets it once it is', () => {
  const { state, unsent, saved, reporting } = rig()
  reporting.start()
  vi.advanceTimersByTime(10_000)
  expect(saved).toEqual([])
  state.acknowledges = false
  vi.advanceTimersByTime(20_000)
  expect(saved).toEqual([[3, 4]])
  state.acknowledges = true
  unsent.length = 0
  vi.advanceTimersByTime(20_000)
  expect(saved).toEqual([[3, 4], []])
})

test('what waits at its bound: no report, and the next one covers the time', () => {
  const { state, made, reporting } = rig()
  reporting.start()
  state.full = true
  vi.advanceTimersByTime(30_000)
  state.full = false
  vi.advanceTimersByTime(10_000)
  expect(made.map(({ sequence, intervalMs }) => [sequence, intervalMs])).toEqual([[1, 1], [2, 40_000]])
})

test('reports of the last run are removed from the disk once they are acknowledged', () => {
  const { saved, reporting } = rig(true)
  reporting.start()
  expect(saved).toEqual([[]])
})

test('a session that begins or ends is told in a moment, once for all of that moment; not while nobody answers', () => {
  const { state, made, reporting } = rig()
  reporting.soon()
  reporting.start()
  vi.advanceTimersByTime(1000)
  reporting.soon()
  vi.advanceTimersByTime(100)
  reporting.soon()
  vi.advanceTimersByTime(10_000)
  expect(made.map(({ at }) => at)).toEqual([0, 1150])
  vi.advanceTimersByTime(50)
  expect(made.map(({ at }) => at)).toEqual([0, 1150, 11_150])
  state.acknowledges = false
  vi.advanceTimersByTime(20_000)
  reporting.soon()
  vi.advanceTimersByTime(9000)
  expect(made).toHaveLength(5)
})
