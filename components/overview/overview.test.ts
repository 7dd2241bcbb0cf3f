import { expect, test } from 'vitest'
import type { DerpPair, SessionRow } from '../../server/trpc/types.ts'
import { buildFlows } from './flows.ts'
import { layoutMap } from './map-layout.ts'
import { networkPoint } from './network-point.ts'
import { highest } from './peak.ts'

const session = (a: number, b: number, relayName: string, rate: number): SessionRow => ({
  id: `${a}-${b}-${relayName}`, relayId: 1, relayName, vni: 1, a: { id: a, name: `m${a}` }, b: { id: b, name: `m${b}` }, openedAt: new Date(0), lastSeen: new Date(0),
  endedAt: null, reason: null, bytesFromA: 0, bytesFromB: 0, tooBigFromA: 0, tooBigFromB: 0, rateFromA: rate, rateFromB: rate,
})
const derp: DerpPair = { a: { id: 1, name: 'm1' }, b: { id: 9, name: 'm9' }, rateFromA: 5, rateFromB: 0, why: 'no relay is on', line: null, granted: true }

test('few machines stand by name, busiest first; DERP is a carrier, too', () => {
  const { by, flows } = buildFlows([session(1, 2, 'lock-1', 10), session(3, 4, 'lock-2', 100)], [derp], [])
  expect(by).toBe('machine')
  expect(flows.map(({ from, relay, to, bits }) => [from, relay, to, bits])).toEqual([['m3', 'lock-2', 'm4', 200], ['m1', 'lock-1', 'm2', 20], ['m1', null, 'm9', 5]])
})

test('a pair that left its session for DERP is drawn once', () => {
  expect(buildFlows([session(1, 9, 'lock-1', 0)], [derp], []).flows).toEqual([{ from: 'm1', to: 'm9', relay: null, bits: 5, pairs: 1 }])
})

test('many machines are drawn as groups by tag, what has none as people’s', () => {
  const many = Array.from({ length: 12 }, (_, index) => session(index + 1, 100 + index, 'lock-1', 1))
  const { by, flows, machines } = buildFlows(many, [], many.map(({ a }) => ({ id: a.id, tags: ['tag:ci'] })))
  expect(by).toBe('tag')
  expect(flows).toEqual([{ from: 'tag:ci', relay: 'lock-1', to: 'People’s machines', bits: 24, pairs: 12 }])
  expect(machines.get('tag:ci')).toBe(12)
})

test('the map: every flow has two lines within the drawing, the busiest the widest', () => {
  const { flows } = buildFlows([session(1, 2, 'lock-1', 10), session(3, 4, 'lock-1', 100)], [derp], [])
  const map = layoutMap(flows, ['lock-1', 'lock-2'], 1000)
  expect(map.edges).toHaveLength(6)
  expect(map.relays.map(({ name }) => name)).toEqual(['lock-1', 'lock-2', ''])
  expect(Math.max(...map.edges.map(({ width }) => width))).toBe(14)
  for (const { d } of map.edges) {
    const ys = [...d.matchAll(/[ML][\d.]+ ([\d.]+)/g)].map((match) => Number(match[1]))
    expect(ys.every((y) => y >= 0 && y <= map.height)).toBe(true)
  }
  expect(layoutMap([], ['lock-1'], 1000).edges).toEqual([])
})

test('the network’s rate is what relays forwarded, whatever came to be dropped; unknown while none reports', () => {
  const relay = { id: 1, bitsIn: 510, bitsOut: 0, packetsIn: 9, packetsOut: 0, cpu: 0, sessions: 0, endpoints: 0, dropsPerSecond: 9 }
  const sample = { at: 5, sessions: [], derpBits: 70, relays: [relay, { ...relay, id: 2, bitsOut: 30 }] }
  expect(networkPoint(sample)).toEqual({ at: 5, relayBits: 30, derpBits: 70 })
  expect(networkPoint({ ...sample, relays: [] })).toEqual({ at: 5, relayBits: null, derpBits: 70 })
})

test('the peak is never below what the page saw', () => {
  const known = { rate: 100, at: new Date(1000) }
  const seen = [{ at: 2000, relayBits: null }, { at: 3000, relayBits: 150 }, { at: 4000, relayBits: 120 }]
  expect(highest(known, seen)).toEqual({ rate: 150, at: new Date(3000) })
  expect(highest(known, [{ at: 2000, relayBits: 99 }])).toBe(known)
  expect(highest(null, seen)).toEqual({ rate: 150, at: new Date(3000) })
  expect(highest(null, [{ at: 2000, relayBits: 0 }])).toBeNull()
})
