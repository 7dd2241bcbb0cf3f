import { afterEach, expect, test, vi } from 'vitest'
import { clock, random, startControl, startDerp, startRelay, type Cleanups } from '../../tests/simulation/probe-network.ts'
import { generateKeys } from '../config.ts'
import { createProbePair, type ProbePair } from './index.ts'

const cleanups: Cleanups = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

function createPair(server: string, onRefused: (text: string) => void = () => {}, names: readonly [string, string] = ['sim-a1', 'sim-b1']): ProbePair {
  const pair = createProbePair({
    server, authKey: 'k', names, keys: [generateKeys(), generateKeys()], bitsPerSecond: 2_000_000, size: 1280, direct: false,
    clock, random, onRefused, onLog: () => {},
  })
  cleanups.push(() => pair.stop())
  return pair
}

const until = (check: () => void, timeout = 10_000): Promise<void> => vi.waitFor(check, { timeout, interval: 50 })

test('DERP, then the relay; the relay turned off: both on DERP, nothing lost, and gone at the end', async () => {
  const derp = await startDerp(cleanups)
  const control = await startControl(derp, cleanups)
  const relay = await startRelay(derp, cleanups)
  const pair = createPair(control.url)
  await pair.start()
  const kinds = (): string[] => pair.stats().map(({ path }) => path.kind)
  await until(() => expect(pair.stats().map(({ traffic }) => traffic.received > 50)).toEqual([true, true]))
  expect(kinds()).toEqual(['derp', 'derp'])
  expect(derp.readPairs()).toHaveLength(2)
  relay.turn(true, control.nodes())
  control.offer([relay.node])
  await until(() => expect(kinds()).toEqual(['relay', 'relay']))
  expect(pair.stats()[0].path).toMatchObject({ relay: { name: 'relay', vni: 1 } })
  await until(() => expect(pair.stats()[0].traffic.rttMs).toBeLessThan(1000))
  control.offer([])
  relay.turn(false, control.nodes())
  await until(() => expect(kinds()).toEqual(['derp', 'derp']))
  await until(() => expect(relay.ended).toEqual(['turned off']), 15_000)
  await pair.stop()
  const [a, b] = pair.stats()
  expect([a.traffic.sent - b.traffic.received, b.traffic.sent - a.traffic.received]).toEqual([0, 0])
  expect(a.traffic.sent).toBeGreaterThan(1000)
  expect([a, b].map(({ lost, spans }) => [lost, spans.map(({ path }) => path.kind)])).toEqual([[0, ['derp', 'relay', 'derp']], [0, ['derp', 'relay', 'derp']]])
  await until(() => expect(control.left.toSorted()).toEqual(['sim-a1', 'sim-b1']))
}, 40_000)

test('a refusal is told in one line', async () => {
  const derp = await startDerp(cleanups)
  const control = await startControl(derp, cleanups)
  control.refuse('The auth key has expired.')
  const refusals: string[] = []
  const pair = createPair(control.url, (text) => refusals.push(text))
  await pair.start()
  await until(() => expect(refusals).toContain('The auth key has expired. Make another.'))
})

test('when the second end cannot start, nothing of the first is left', async () => {
  const derp = await startDerp(cleanups)
  const control = await startControl(derp, cleanups)
  const open = () => process.getActiveResourcesInfo().filter((name) => /UDP|TCPSocket|TLS/.test(name)).toSorted()
  const before = open()
  const names: readonly [string, string] = Object.defineProperty(['sim-a1', ''] as const, 1, { get() { throw new Error('no port is free') } })
  const pair = createPair(control.url, () => {}, names)
  await expect(pair.start()).rejects.toThrow('no port is free')
  await until(() => expect(open()).toEqual(before))
})
