import { expect, test } from 'vitest'
import type { SessionRow } from '../../server/trpc/types.ts'
import { lineWidth } from './path.tsx'
import { totals, withSessionSample } from './sessions-model.ts'

const row: SessionRow = {
  id: 's1', relayId: 1, relayName: 'lock-1', vni: 4180, a: { id: 2, name: 'a' }, b: { id: 3, name: 'b' }, openedAt: new Date(0), lastSeen: new Date(1000),
  endedAt: null, reason: null, bytesFromA: 100, bytesFromB: 50, tooBigFromA: 0, tooBigFromB: 0, rateFromA: null, rateFromB: null,
}
const sample = { at: 9000, relays: [], derpBits: 0, sessions: [{ id: 's1', bitsFromA: 8000, bitsFromB: 0, bytesFromA: 90, bytesFromB: 60 }] }

test('a second brings rates; counters never go back', () => {
  const [now] = withSessionSample([row], sample)
  expect(now).toMatchObject({ rateFromA: 8000, rateFromB: 0, bytesFromA: 100, bytesFromB: 60, lastSeen: new Date(9000) })
})

test('a second brings how many packets were too large, where some were', () => {
  const [known] = withSessionSample([{ ...row, tooBigFromA: 5 }], sample)
  expect(known).toMatchObject({ tooBigFromA: 5, tooBigFromB: 0 })
  const more = { ...sample, sessions: sample.sessions.map((one) => ({ ...one, tooBig: [4, 2] as [number, number] })) }
  expect(withSessionSample([{ ...row, tooBigFromA: 5 }], more)).toMatchObject([{ tooBigFromA: 5, tooBigFromB: 2 }])
})

test('an ended session keeps its last figures', () => {
  const ended = { ...row, endedAt: new Date(5000), reason: 'relay turned off' }
  expect(withSessionSample([ended], sample)).toEqual([ended])
  expect(totals([row, ended])).toEqual({ fromA: 0, fromB: 0, bytes: 300 })
})

test('the line grows with the rate, within bounds', () => {
  expect(lineWidth(0)).toBe(1.5)
  expect(lineWidth(10_000_000)).toBeCloseTo(3.5)
  expect(lineWidth(1e12)).toBe(4.5)
})
