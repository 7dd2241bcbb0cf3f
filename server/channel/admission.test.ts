import { expect, test } from 'vitest'
import { Door } from './admission.ts'

const limits = { maxConnections: 5, maxUnproven: 3, maxUnprovenPerIp: 2, refusals: { perSecond: 1, burst: 2 } }

test('strangers are bounded, in all and by address; who proves a key makes room', () => {
  const door = new Door(limits)
  expect([door.enter('a', 0), door.enter('a', 0), door.enter('a', 0)]).toEqual([undefined, undefined, 'too-many-unproven-of-address'])
  expect([door.enter('b', 0), door.enter('c', 0)]).toEqual([undefined, 'too-many-unproven'])
  door.proven('a')
  door.left('a', false)
  expect([door.enter('a', 0), door.enter('b', 0)]).toEqual([undefined, undefined])
  for (const ip of ['a', 'b', 'b']) door.proven(ip)
  expect(door.enter('a', 0)).toBeUndefined()
  expect(door.enter('a', 0)).toBe('full')
  expect([door.connections, door.unproven]).toEqual([5, 1])
})

test('an address whose nodes are refused again and again waits; others do not', () => {
  const door = new Door(limits)
  door.refused('a', 'unauthenticated', 0)
  expect(door.enter('a', 0)).toBeUndefined()
  door.refused('a', 'unauthenticated', 0)
  expect(door.enter('a', 500)).toBe('refused-too-often')
  expect(door.enter('b', 500)).toBeUndefined()
  expect(door.counts).toEqual({
    turnedAway: { full: 0, 'too-many-unproven': 0, 'too-many-unproven-of-address': 0, 'refused-too-often': 1 }, refused: { unauthenticated: 2 },
  })
  door.forget(1500)
  expect(door.enter('a', 1500)).toBeUndefined()
})
