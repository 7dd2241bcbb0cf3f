import { expect, test } from 'vitest'
import { formatKey } from '../../protocol/keys.ts'
import type { PlaneTotals, SessionTraffic } from '../dataplane/index.ts'
import type { SessionInfo } from '../relay/index.ts'
import { Reporter } from './reporter.ts'

const session = (vni: number): SessionInfo => ({
  key: `1-${vni}`, vni, openedAt: 5,
  clients: [
    { id: 1, name: 'a', discoKey: formatKey('discokey', new Uint8Array(32)) },
    { id: 2, name: 'b', discoKey: formatKey('discokey', new Uint8Array(32).fill(1)) },
  ],
})

function rig(live: SessionInfo[] = []) {
  const state = {
    totals: { packetsIn: 0, bytesIn: 0, packetsOut: 0, bytesOut: 0, congestionDrops: 0, kernelDrops: 0, controlDrops: 0, rateDrops: 0, shareDrops: 0, tooBig: 0, socketErrors: 0 } satisfies PlaneTotals as PlaneTotals,
    rows: [] as SessionTraffic[],
    drops: {} as Record<string, number>,
    cpu: 0,
  }
  const reporter = new Reporter('boot', {
    totals: () => state.totals, traffic: () => state.rows, drops: () => state.drops, endpoints: () => 1, cpuMs: () => state.cpu,
  }, live, 0)
  return { state, reporter }
}

const row = (vni: number, packets: [number, number], ended = false): SessionTraffic =>
  ({ vni, packets, bytes: [packets[0] * 100, packets[1] * 100], ended })

test('each report carries what came since the last one', () => {
  const { state, reporter } = rig()
  state.totals = { ...state.totals, packetsIn: 10, bytesIn: 1000 }
  state.drops = { short: 2, 'bad-mac': 0 }
  state.cpu = 7
  expect(reporter.make(1000)).toMatchObject({ sequence: 1, intervalMs: 1000, packetsIn: 10, bytesIn: 1000, cpuMs: 7, drops: { short: 2 } })
  state.totals = { ...state.totals, packetsIn: 15, congestionDrops: 1 }
  expect(reporter.make(2000)).toMatchObject({ sequence: 2, packetsIn: 5, bytesIn: 0, drops: { congestion: 1 } })
})

test('a session is named when it opens, when it carries, and with its last figures when it ends', () => {
  const { state, reporter } = rig()
  reporter.opened(session(7))
  state.rows = [row(7, [1, 0])]
  expect(reporter.make(1).sessions).toEqual([expect.objectContaining({ key: '1-7', a: 1, b: 2, packetsFromA: 1, bytesFromA: 100, packetsFromB: 0 })])
  expect(reporter.make(2).sessions).toEqual([])
  reporter.ended(session(7), 'Turned off', 3)
  state.rows = [row(7, [4, 2], true)]
  const last = reporter.make(4)
  expect(last.sessions).toMatchObject([{ key: '1-7', packetsFromA: 3, packetsFromB: 2 }])
  expect(last.ended).toEqual([{ key: '1-7', at: 3, reason: 'Turned off' }])
  state.rows = []
  expect(reporter.make(5)).toMatchObject({ sessions: [], ended: [] })
})

test('packets that were too big are told by direction, as what came since, and not at all where there were none', () => {
  const { state, reporter } = rig()
  reporter.opened(session(7))
  state.rows = [{ ...row(7, [1, 1]), tooBig: [3, 0] }]
  const [first] = reporter.make(1).sessions
  expect(first).toMatchObject({ tooBigFromA: 3 })
  expect(first).not.toHaveProperty('tooBigFromB')
  // Also where nothing else was counted since.
  state.rows = [{ ...row(7, [1, 1]), tooBig: [5, 2] }]
  expect(reporter.make(2).sessions).toMatchObject([{ packetsFromA: 0, tooBigFromA: 2, tooBigFromB: 2 }])
  state.rows = [{ ...row(7, [9, 9]), tooBig: [5, 2] }]
  const [third] = reporter.make(3).sessions
  expect(third).toMatchObject({ packetsFromA: 8 })
  expect(third).not.toHaveProperty('tooBigFromA')
})

test('a VNI given anew between two reports does not mix its sessions', () => {
  const { state, reporter } = rig()
  reporter.opened(session(7))
  reporter.ended(session(7), 'x', 1)
  reporter.opened({ ...session(7), key: '2-7' })
  state.rows = [row(7, [3, 3], true), row(7, [1, 1])]
  expect(reporter.make(2).sessions).toMatchObject([{ key: '1-7', packetsFromA: 3 }, { key: '2-7', packetsFromA: 1 }])
})

test('the first report after a restart names every session that goes on', () => {
  const { reporter } = rig([session(3), session(4)])
  expect(reporter.make(1).sessions.map(({ key }) => key)).toEqual(['1-3', '1-4'])
})

test('an outage without end: what waits is bounded, a session that was named keeps its end, the rest is counted', () => {
  const { reporter } = rig([session(1), session(2)])
  reporter.make(1)
  reporter.ended(session(1), 'early', 2)
  for (let at = 0; at < 70_000; at++) {
    reporter.opened({ ...session(3 + at), key: `new-${at}` })
    reporter.ended({ ...session(3 + at), key: `new-${at}` }, 'idle', 3)
  }
  reporter.ended(session(2), 'late', 4)
  expect(reporter.forgotten).toBe(70_001 - 65_536)
  const [first, second, third] = [reporter.make(5), reporter.make(6), reporter.make(7)]
  expect([first.ended.length, second.ended.length, third.ended.length]).toEqual([65_536, 1, 0])
  expect(first.ended[0]).toMatchObject({ key: '1-1', reason: 'early' })
  expect(second.ended).toMatchObject([{ key: '1-2', reason: 'late' }])
  expect(first.sessions).toHaveLength(65_535)
})

test('no report is longer than the control plane takes', () => {
  const { reporter } = rig(Array.from({ length: 70_000 }, (_, at) => session(at + 1)))
  expect(reporter.make(1).sessions).toHaveLength(65_536)
  expect(reporter.make(2).sessions).toHaveLength(70_000 - 65_536)
  for (let at = 0; at < 70_000; at++) reporter.ended(session(at + 1), 'Turned off', 3)
  expect([reporter.make(4), reporter.make(5)].map(({ ended }) => ended.length)).toEqual([65_536, 70_000 - 65_536])
  expect(reporter.forgotten).toBe(0)
})
