import { expect, test } from 'vitest'
import { PathMachine, type Route } from './path.ts'

const direct: Route = { kind: 'direct', key: '10.0.0.1:1' }
const relay: Route = { kind: 'relay', key: '10.0.0.9:40000#7' }

test('prefers direct over relay over DERP, each while it is trusted', () => {
  const path = new PathMachine()
  expect(path.best(0).kind).toBe('derp')
  path.add(direct, 0)
  path.add(relay, 0)
  path.pong(relay.key, 2, 100)
  expect(path.best(100)).toEqual({ kind: 'relay', route: relay, rttMs: 2 })
  path.pong(direct.key, 9, 200)
  expect(path.best(200).kind).toBe('direct')
  expect(path.best(6599).kind).toBe('direct')
  path.pong(relay.key, 2, 6600)
  expect(path.best(6700).kind).toBe('relay')
  expect(path.best(13_100).kind).toBe('derp')
})

test('pings each route every 3 s and asks each relay every 3 s until a relay path stands', () => {
  const path = new PathMachine()
  const seen: string[] = []
  for (let now = 0; now <= 9000; now += 500) {
    if (now === 3500) path.add(relay, now)
    if (now >= 6500) path.pong(relay.key, 1, now)
    for (const command of path.tick([4], now)) seen.push(`${now} ${command.type}`)
  }
  expect(seen).toEqual(['0 allocate', '3000 allocate', '3500 ping', '6000 allocate', '6500 ping'])
})

test('forgets a relay route 30 s after its last Pong, and goes on asking it until then', () => {
  const path = new PathMachine()
  path.add(relay, 0)
  path.pong(relay.key, 1, 1000)
  path.tick([], 7400)
  expect([path.isTrusted(relay.key, 7499), path.isTrusted(relay.key, 7500)]).toEqual([true, false])
  expect(path.tick([], 30_999).map((command) => command.type)).toEqual(['ping'])
  expect(path.tick([], 31_000)).toEqual([{ type: 'forget', route: relay }])
  path.add(relay, 40_000)
  expect(path.tick([], 69_999).map((command) => command.type)).toEqual(['ping'])
  expect(path.tick([], 70_000).map((command) => command.type)).toEqual(['forget'])
})
