import { expect, test } from 'vitest'
import { Door } from './door.ts'
import { defaultTransportLimits } from './limits.ts'

const enter = (door: Door, ip: string, now = 0) => {
  const place = door.enter(ip, now)
  return typeof place === 'string' ? place : 'in'
}

test('an address gets 50 at once, then 5 a second, whatever becomes of them', () => {
  const door = new Door(defaultTransportLimits)
  for (let i = 0; i < 50; i++) {
    const place = door.enter('192.0.2.1', 0)
    if (typeof place === 'string') throw new Error(place)
    place.registered()
  }
  expect([enter(door, '192.0.2.1'), enter(door, '192.0.2.2')]).toEqual(['rate', 'in'])
  expect([1, 2, 3, 4, 5, 6].map(() => enter(door, '192.0.2.1', 1000))).toEqual(['in', 'in', 'in', 'in', 'in', 'rate'])
})

test('strangers of one /64 are counted together, and one that registers makes room', () => {
  const door = new Door({ ...defaultTransportLimits, maxUnregisteredPerIp: 2 })
  const place = door.enter('2001:db8:1:2::1', 0)
  expect([enter(door, '2001:db8:1:2:3::9'), enter(door, '2001:db8:1:2::2'), enter(door, '2001:db8:1:3::1')]).toEqual(['in', 'too-many-unregistered', 'in'])
  if (typeof place === 'string') throw new Error(place)
  place.registered()
  place.registered()
  expect([enter(door, '2001:db8:1:2::2'), enter(door, '2001:db8:1:2::2')]).toEqual(['in', 'too-many-unregistered'])
  place.leave()
  place.leave()
  expect([door.connections, door.unregistered]).toEqual([3, 3])
})

test('there is a most in all', () => {
  const door = new Door({ ...defaultTransportLimits, maxConnections: 2, newPerIp: { perSecond: 1, burst: 1 } })
  expect([enter(door, '192.0.2.1'), enter(door, '192.0.2.2'), enter(door, '192.0.2.3'), enter(door, '192.0.2.1')]).toEqual(['in', 'in', 'full', 'rate'])
  expect(enter(door, '192.0.2.1', 1000)).toBe('full')
})
