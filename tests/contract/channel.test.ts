import { randomBytes } from 'node:crypto'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { afterEach, expect, test } from 'vitest'
import { ChannelClient, type ChannelEvent } from '../../agent/channel/client.ts'
import { systemClock } from '../../lib/clock.ts'
import type { Report } from '../../protocol/channel/index.ts'
import { TowpathError } from '../../server/errors/index.ts'
import { testView } from '../../server/channel/testing.ts'
import { hubRig, TestServices } from '../../server/channel/testing-hub.ts'

/** What was started by one test, ended in reverse. */
const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function keysOf(kind: typeof ed25519 | typeof x25519) {
  const secret = Uint8Array.from(randomBytes(32))
  return { secret, public: kind.getPublicKey(secret) }
}

function agent(url: string, revision = 0, keys = { machine: keysOf(ed25519), node: keysOf(x25519), disco: keysOf(x25519) }, unsent: readonly Report[] = []) {
  const events: ChannelEvent[] = []
  const client = new ChannelClient({
    server: url, keys, host: { hostname: 'lock-1', os: 'linux', version: '0.1.0' }, kind: 'agent', authKey: 'key', name: 'lock-1',
    revision, unsent, clock: systemClock, random: randomBytes, onEvent: (event) => events.push(event),
  })
  ends.push(() => client.stop(false))
  return {
    client, events, keys,
    async until<Type extends ChannelEvent['type']>(type: Type, count = 1): Promise<Extract<ChannelEvent, { type: Type }>[]> {
      const of = () => events.filter((event): event is Extract<ChannelEvent, { type: Type }> => event.type === type)
      await expect.poll(of, { timeout: 10_000, interval: 10 }).toHaveLength(count)
      return of()
    },
  }
}

async function hub(services = new TestServices()) {
  const rig = await hubRig(services)
  ends.push(() => rig.stop())
  return { rig, services }
}

const report = (sequence: number): Report => ({
  boot: 'b', sequence, at: Date.now(), intervalMs: 1000, bytesIn: 1, bytesOut: 1, packetsIn: 1, packetsOut: 1, cpuMs: 1, endpoints: 0, drops: {}, sessions: [], ended: [],
})

test('the agent joins, gets its views, applies, reports and is acknowledged', async () => {
  const { rig, services } = await hub()
  const { client, until } = agent(rig.url)
  expect(await until('welcome')).toMatchObject([{ welcome: { id: 1, name: 'lock-1' } }])
  const [view] = await until('view')
  expect(view).toMatchObject({ revision: 1, view: testView(1) })
  expect(services.claims[0]?.prove).toMatchObject({ authKey: 'key', name: 'lock-1', host: { hostname: 'lock-1' } })
  client.applied(1)
  client.status({ type: 'status', homeDerp: 1, endpoints: ['192.0.2.1:40000'] })
  await expect.poll(() => [services.applied.get(1), services.statuses.length]).toEqual([1, 1])
  client.report(report(1))
  await expect.poll(() => [rig.reports.length, client.unsent.length]).toEqual([1, 0])
  rig.watch([1])
  expect((await until('watch', 2)).map(({ on }) => on)).toEqual([false, true])
  services.views.set(1, testView(1, [9]))
  rig.bus.publish('views.changed', { nodeIds: [1], cause: 'grant removed' })
  expect((await until('view', 2))[1]).toMatchObject({ revision: 2, cause: 'grant removed', view: { relays: [9] } })
})

test('a control plane that restarts finds its agents again, sends nothing twice and loses no report', async () => {
  const services = new TestServices()
  const first = await hubRig(services)
  const started = agent(first.url)
  await started.until('view')
  started.client.applied(1)
  await expect.poll(() => services.applied.get(1)).toBe(1)
  await started.client.stop(false)
  await first.stop()
  const { rig } = await hub(services)
  const again = agent(rig.url, 1, started.keys, [report(1), report(2)])
  await again.until('welcome')
  await expect.poll(() => rig.reports.map(({ sequence }) => sequence)).toEqual([1, 2])
  services.views.set(1, testView(1, [9]))
  rig.bus.publish('views.changed', { nodeIds: [1], cause: 'x' })
  expect(await again.until('view')).toMatchObject([{ revision: 2 }])
})

test('an agent that is refused hears the reason and the fix', async () => {
  const { rig, services } = await hub()
  services.refuseWith = new TowpathError({ code: 'forbidden', text: 'This auth key was used up', fix: 'Make another in Settings' })
  expect(await agent(rig.url).until('refused')).toMatchObject([{ refused: { text: 'This auth key was used up', fix: 'Make another in Settings' } }])
  expect(rig.presence).toEqual([])
})

test('an agent that leaves is taken at its word', async () => {
  const { rig, services } = await hub()
  const { client, until } = agent(rig.url)
  await until('view')
  await client.stop(true)
  await expect.poll(() => services.left).toEqual([1])
  await expect.poll(() => rig.presence).toEqual(['1 online', '1 offline'])
})
