import { expect, test } from 'vitest'
import type { NameEnd } from './name-end.ts'
import { SessionCounter } from './session-counter.ts'
import type { StockSession } from './sessions-answer.ts'

const discoA = 'a'.repeat(16)
const discoB = 'b'.repeat(16)
const names: NameEnd = (disco) => (disco === discoA ? 1 : disco === discoB ? 2 : undefined)
const session = (bytesA: number, bytesB: number, more: Partial<StockSession> = {}): StockSession => ({
  vni: 1, a: { disco: discoA, bytes: bytesA, packets: bytesA / 10 }, b: { disco: discoB, bytes: bytesB, packets: bytesB / 10 }, ...more,
})
const key = `1-${discoA}-${discoB}`

test('what ran before the first look counts for its session, and for no time', () => {
  const first = SessionCounter.from([]).take([session(1000, 500)], names, 10, 20)
  expect(first).toMatchObject({
    deltas: [{ key: `${key}-0`, vni: 1, a: 1, b: 2, openedAt: 10, bytesFromA: 1000, bytesFromB: 500, packetsFromA: 100, packetsFromB: 50 }],
    ended: [], bytes: 0, packets: 0,
  })
  const second = first.next.take([session(1100, 500)], names, 20, 30)
  expect(second).toMatchObject({ deltas: [{ key: `${key}-0`, openedAt: 10, bytesFromA: 100, bytesFromB: 0 }], bytes: 100, packets: 10 })
})

test('a session that began and one that is gone', () => {
  const first = SessionCounter.from([]).take([], names, 0, 10).next
  const second = first.take([session(200, 100)], names, 10, 20)
  expect(second).toMatchObject({ deltas: [{ openedAt: 10, bytesFromA: 200 }], bytes: 300 })
  expect(second.next.take([], names, 20, 30)).toMatchObject({ deltas: [], ended: [{ key: `${key}-0`, at: 30, reason: 'ended by the relay' }], bytes: 0 })
})

test('a relay that was restarted numbers anew: counters that fell are of another session', () => {
  const first = SessionCounter.from([]).take([session(1000, 1000)], names, 0, 10).next
  const restarted = first.take([session(30, 1000)], names, 10, 20)
  expect(restarted).toMatchObject({
    ended: [{ key: `${key}-0`, reason: 'relay restarted' }],
    deltas: [{ key: `${key}-1`, openedAt: 10, bytesFromA: 30, bytesFromB: 1000 }], bytes: 1030,
  })
  expect(restarted.next.take([session(40, 1000)], names, 20, 30).deltas[0]).toMatchObject({ key: `${key}-1`, bytesFromA: 10 })
})

test('a number that was used again by others is another session', () => {
  const discoC = 'c'.repeat(16)
  const first = SessionCounter.from([]).take([session(10, 10)], names, 0, 10).next
  const reused = first.take([session(20, 20, { b: { disco: discoC, bytes: 20, packets: 2 } })], (disco) => (disco === discoC ? 3 : names(disco)), 10, 20)
  expect(reused.deltas).toMatchObject([{ key: `1-${discoA}-${discoC}-0`, b: 3, bytesFromA: 20 }])
  expect(reused.ended).toMatchObject([{ key: `${key}-0` }])
})

test('after a restart of the control plane it goes on from the table, with the next turn of a name', () => {
  const stored = { key: `${key}-4`, aId: 1, bId: 2, openedAt: 5, bytesA: 1000, bytesB: 500, packetsA: 100, packetsB: 50 }
  expect(SessionCounter.from([stored]).take([session(1500, 500)], () => undefined, 10, 20).deltas).toEqual([
    { key: `${key}-4`, vni: 1, a: 1, b: 2, openedAt: 5, bytesFromA: 500, bytesFromB: 0, packetsFromA: 50, packetsFromB: 0 },
  ])
  expect(SessionCounter.from([stored]).take([session(1, 1)], names, 10, 20).deltas).toMatchObject([{ key: `${key}-5` }])
  expect(SessionCounter.from([stored]).take([], names, 10, 20).ended).toMatchObject([{ key: `${key}-4` }])
})

test('ends that nobody knows stay unnamed: they count in the whole alone', () => {
  const first = SessionCounter.from([]).take([], names, 0, 10).next
  expect(first.take([session(100, 0)], () => undefined, 10, 20)).toMatchObject({ deltas: [], bytes: 100 })
})
