import { expect, test } from 'vitest'
import { cleanReport } from './clean.ts'
import { DerpFigures } from './derp.ts'
import { Live, type LiveSample } from './live.ts'
import { OpenSessions } from './open-sessions.ts'
import { delta, report } from './testing.ts'
import type { Report } from '../../protocol/channel/index.ts'

function rig() {
  const time = { now: 1_000_000 }
  const clock = { now: () => time.now }
  const open = new OpenSessions()
  const errors: unknown[] = []
  const derp = new DerpFigures(time.now)
  const live = new Live({ clock, open, derp, onError: (error) => errors.push(error) })
  const take = (id: number, one: Partial<Report>): void => {
    const clean = cleanReport(report(1, { at: time.now, ...one }), { arrivedAt: time.now, skewMs: 0 })
    if (clean) live.rates.taken(id, clean)
  }
  return { time, open, live, derp, errors, take }
}

test('a page gets a sample at once and each second, of what it asked for', async () => {
  const { live, open, take, errors } = rig()
  open.put({ id: 's', relayId: 1, key: 'k', aId: 1, bId: 2, bytesA: 500, bytesB: 0, isOpen: true, tooBigA: 0, tooBigB: 0 })
  take(1, { intervalMs: 2000, bytesIn: 1000, sessions: [delta('k', { bytesFromA: 500 })] })
  take(2, { bytesIn: 1000 })
  const all: LiveSample[] = []
  const one: LiveSample[] = []
  live.subscribe(() => { throw new Error('a page that fails') })
  live.subscribe((sample) => all.push(sample), { sessions: true })
  const stop = live.subscribe((sample) => one.push(sample), { relayIds: [2] })
  await Promise.resolve()
  expect(all).toMatchObject([{ relays: [{ id: 1, bitsIn: 4000, sessions: 1 }, { id: 2, bitsIn: 800 }], sessions: [{ id: 's', bitsFromA: 2000, bytesFromA: 500 }] }])
  expect(one).toMatchObject([{ relays: [{ id: 2 }], sessions: [] }])
  expect(all[0]?.sessions[0]).not.toHaveProperty('tooBig')
  open.put({ id: 's', relayId: 1, key: 'k', aId: 1, bId: 2, bytesA: 500, bytesB: 0, isOpen: true, tooBigA: 3, tooBigB: 0 })
  stop()
  live.tick()
  expect([all.length, one.length]).toEqual([2, 1])
  expect(all[1]?.sessions).toMatchObject([{ id: 's', tooBig: [3, 0] }])
  expect(errors).toHaveLength(2)
})

test('a page of all sessions gets the pairs on DERP of the same moment as the rate; a relay’s page none', async () => {
  const { live, derp, time } = rig()
  derp.record({ bytes: 1000, pairs: [{ a: 1, b: 2, bytesFromA: 600, bytesFromB: 400 }] }, time.now)
  const all: LiveSample[] = []
  const one: LiveSample[] = []
  live.subscribe((sample) => all.push(sample), { sessions: true })
  live.subscribe((sample) => one.push(sample), { sessions: true, relayIds: [1] })
  live.subscribe((sample) => one.push(sample))
  await Promise.resolve()
  expect(all).toMatchObject([{ derpBits: 8000, derpPairs: [{ a: 1, b: 2, rateFromA: 4800, rateFromB: 3200 }] }])
  time.now += 3000
  derp.record({ bytes: 0, pairs: [] }, time.now)
  live.tick()
  expect(all[1]).toMatchObject({ derpBits: 0, derpPairs: [] })
  expect(one).toHaveLength(4)
  for (const sample of one) expect(sample).not.toHaveProperty('derpPairs')
})

test('agents are watched while somebody looks at them, and a little longer', () => {
  const { live, time } = rig()
  let told = 0
  live.onWatch(() => told++)
  const stopOne = live.subscribe(() => {}, { relayIds: [1] })
  expect([live.watched(1), live.watched(2), told]).toEqual([true, false, 1])
  const stopAll = live.subscribe(() => {})
  expect([live.watched(2), told]).toEqual([true, 2])
  stopAll()
  stopOne()
  live.tick()
  expect([live.watched(1), live.watched(2), told]).toEqual([true, true, 2])
  time.now += 5000
  live.tick()
  expect([live.watched(1), live.watched(2), told]).toEqual([false, false, 3])
})

test('pages that look are bounded, with a reason for the next', () => {
  const { live } = rig()
  for (let n = 0; n < 500; n++) live.subscribe(() => {})
  expect(() => live.subscribe(() => {})).toThrow(/500 pages/)
})

test('a rate is unknown once no report came for 25 s, when a report is old, and when the relay is gone', () => {
  const { live, take, time } = rig()
  take(1, { bytesIn: 1000 })
  time.now += 25_000
  expect(live.relay(1)).toMatchObject({ bitsIn: 800 })
  time.now += 1
  expect(live.relay(1)).toBeUndefined()
  take(1, { at: time.now - 20_000 })
  expect(live.relay(1)).toBeUndefined()
  take(1, {})
  live.rates.forget(1)
  expect(live.relays()).toEqual([])
})

test('a report over a moment is taken together with the one before', () => {
  const { live, take, time } = rig()
  take(1, { intervalMs: 900, bytesIn: 900 })
  time.now += 100
  take(1, { intervalMs: 100, bytesIn: 0 })
  expect(live.relay(1)?.bitsIn).toBe(7200)
})
