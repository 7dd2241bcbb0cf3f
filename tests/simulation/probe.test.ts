import { expect, test } from 'vitest'
import { createWorld } from './probe-world.ts'

test('DERP first, then through the relay; turned off gently, both are on DERP and nothing is lost; turned on, back', () => {
  const world = createWorld()
  world.run(1000)
  expect(world.paths()).toEqual(['derp', 'derp'])
  world.offerRelay(true)
  world.run(500)
  expect(world.paths()).toEqual(['relay', 'relay'])
  expect(world.a.machine.path(world.now)).toMatchObject({ rttMs: 28, relay: { name: 'relay-9', vni: 1, address: { ip: '198.51.100.4', port: 40_000 } } })
  world.run(60_000)
  expect(world.a.traffic.stats().rttMs).toBeGreaterThanOrEqual(28)
  world.turn(false)
  world.offerRelay(false)
  world.run(7000)
  expect(world.paths()).toEqual(['derp', 'derp'])
  world.run(13_000)
  expect(world.relay.state).toBe('off')
  world.turn(true)
  world.offerRelay(true)
  world.run(500)
  expect(world.paths()).toEqual(['relay', 'relay'])
  expect(world.lost()).toBe(0)
  expect(world.a.traffic.stats().sent).toBeGreaterThan(7000)
})

test('a revoked session costs what is sent until the path is no longer trusted, and the pair goes on over DERP', () => {
  const world = createWorld({ bitsPerSecond: 102_400 })
  world.offerRelay(true)
  world.run(10_000)
  expect(world.paths()).toEqual(['relay', 'relay'])
  world.offerRelay(false)
  world.revoke()
  world.run(7000)
  expect(world.paths()).toEqual(['derp', 'derp'])
  const before = world.a.traffic.stats().received
  world.run(10_000)
  expect(world.a.traffic.stats().received - before).toBeGreaterThanOrEqual(99)
  const lost = world.lost()
  expect(lost).toBeGreaterThan(0)
  expect(lost).toBeLessThanOrEqual(2 * 65)
})

test('finds the relay through losses, and keeps to it', () => {
  const world = createWorld({ bitsPerSecond: 102_400, loss: 0.05 })
  world.offerRelay(true)
  world.run(60_000)
  let onRelay = 0
  for (let second = 0; second < 120; second++) {
    world.run(1000)
    if (world.paths().every((kind) => kind === 'relay')) onRelay++
  }
  expect(onRelay).toBeGreaterThan(100)
})

test('a direct path is preferred where it is tried, and only there', () => {
  const world = createWorld({ direct: true })
  world.offerRelay(true)
  world.run(1000)
  world.tryDirect()
  world.run(1000)
  expect(world.paths()).toEqual(['direct', 'direct'])
  const without = createWorld()
  without.tryDirect()
  without.run(5000)
  expect(without.paths()).toEqual(['derp', 'derp'])
  expect(world.lost()).toBe(0)
})
