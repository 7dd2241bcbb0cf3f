import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChannelClient, type ChannelEvent } from '../../agent/channel/client.ts'
import { systemClock } from '../../lib/clock.ts'
import type { RelayStatus, Report } from '../../protocol/channel/index.ts'
import { createBus } from '../../server/bus/index.ts'
import { channelServices, createChannelHub, type ChannelHub } from '../../server/channel/index.ts'
import { testLog } from '../../server/channel/testing.ts'
import { withTestDb } from '../../server/db/testing.ts'
import { createMetrics, type Metrics } from '../../server/metrics/index.ts'
import { systemActor } from '../../server/services/actor.ts'
import { createAuthKey } from '../../server/services/auth-key/create.ts'
import type { ServiceContext } from '../../server/services/context.ts'
import { createLiveNetwork } from '../../server/services/network/live-network.ts'
import { networkLoader } from '../../server/services/network/load.ts'
import { noQuestions } from '../../server/services/testing.ts'
import { ensurePolicy, newestPolicy } from '../../server/services/policy/document.ts'
import { savePolicy } from '../../server/services/policy/save.ts'
import { listRelays } from '../../server/services/relay/list.ts'
import { setAdvertised } from '../../server/services/relay/set-advertised.ts'

/** The control plane without its pages: real database, live network, hub and metrics, with agents that are real clients. */
const database = withTestDb()
const errors: unknown[] = []
const onError = (error: unknown): void => void errors.push(error)
const owner = systemActor('Ann')
const log = testLog()
const server = createServer()
let ctx: ServiceContext
let metrics: Metrics
let hub: ChannelHub
/** Bounded: the agents of this file. */
const clients: ChannelClient[] = []

beforeAll(async () => {
  const { db } = database
  const bus = createBus(onError)
  await ensurePolicy(db)
  const network = await createLiveNetwork({ load: networkLoader(db), bus, clock: systemClock, onError })
  metrics = await createMetrics({ db, bus, clock: systemClock, log, names: network })
  ctx = {
    db, bus, clock: systemClock, random: randomBytes, network, live: metrics.live, figures: metrics.queries, questions: noQuestions,
    server: { version: '0.1.0', publicUrl: 'http://127.0.0.1', isLoopbackOnly: true, joinUrl: null, joinWarning: '', tls: () => null, database: 'embedded', stunPort: 1, dataFlag: '', derp: () => null },
  }
  hub = createChannelHub({
    services: channelServices(ctx), bus, clock: systemClock, random: randomBytes, log,
    metrics: { ingest: metrics.ingest, watched: (id) => metrics.live.watched(id), onWatch: (listener) => metrics.live.onWatch(listener) },
  })
  server.on('upgrade', (request, socket, head) => hub.handleUpgrade(request, socket, head))
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
}, 60_000)

afterAll(async () => {
  for (const client of clients) await client.stop(false)
  await hub.dispose()
  await metrics.dispose()
  ctx.network.dispose()
  await new Promise((resolve) => { server.close(resolve) })
})

function keysOf(kind: typeof ed25519 | typeof x25519) {
  const secret = Uint8Array.from(randomBytes(32))
  return { secret, public: kind.getPublicKey(secret) }
}

async function join(name: string, kind: 'agent' | 'simulated', tags: string[]) {
  const { key } = await createAuthKey(ctx, owner, { tags, ephemeral: kind === 'simulated' })
  const events: ChannelEvent[] = []
  const address = server.address()
  const client = new ChannelClient({
    server: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, authKey: key, name, kind,
    keys: { machine: keysOf(ed25519), node: keysOf(x25519), disco: keysOf(x25519) }, host: { hostname: name, os: 'linux', version: '0.1.0' },
    revision: 0, clock: systemClock, random: randomBytes,
    onEvent(event) {
      events.push(event)
      if (event.type === 'view') client.applied(event.revision)
    },
  })
  clients.push(client)
  const views = () => events.flatMap((event) => (event.type === 'view' ? [event] : []))
  await expect.poll(() => views().length, { timeout: 10_000, interval: 10 }).toBeGreaterThan(0)
  return {
    client, events,
    id: views()[0]?.view.self.id ?? 0,
    view: () => views().at(-1),
    /** Within a second. */
    async soon(what: () => unknown, value: unknown): Promise<void> {
      await expect.poll(what, { timeout: 1000, interval: 5 }).toEqual(value)
    },
  }
}

const relaying: RelayStatus = { state: 'relaying', text: '', port: 40_000, addresses: [{ address: '192.0.2.1:40000', source: 'interface' }], sessions: 0, dataplane: 'dgram' }

test('the switch, the state and a revoked grant reach those whom they concern within a second, with the cause', async () => {
  const relay = await join('lock-1', 'agent', ['tag:relay'])
  const peer = await join('sim-a', 'simulated', ['tag:simulated'])
  expect(relay.view()?.view.relay).toMatchObject({ advertised: false, port: 40_000 })
  await setAdvertised(ctx, owner, { id: relay.id, advertised: true })
  await relay.soon(() => [relay.view()?.view.relay?.advertised, relay.view()?.cause], [true, 'turned on by Ann'])
  expect(peer.view()?.view.relays).toEqual([])
  relay.client.status({ type: 'status', homeDerp: 1, endpoints: [], relay: relaying })
  await peer.soon(() => peer.view()?.view.relays, [relay.id])
  await relay.soon(() => relay.view()?.view.serves, [peer.id])
  await expect.poll(async () => (await listRelays(ctx, owner)).map(({ name, state, boundPort }) => ({ name, state, boundPort }))).toEqual(
    [{ name: 'lock-1', state: 'relaying', boundPort: 40_000 }])

  const report: Report = {
    boot: 'b', sequence: 1, at: Date.now(), intervalMs: 1000, bytesIn: 1000, bytesOut: 1000, packetsIn: 1, packetsOut: 1, cpuMs: 1, endpoints: 1, drops: {},
    sessions: [{ key: '1-1', vni: 1, a: peer.id, b: relay.id, openedAt: Date.now() - 500, bytesFromA: 1000, bytesFromB: 0, packetsFromA: 1, packetsFromB: 0 }], ended: [],
  }
  relay.client.report(report)
  await expect.poll(async () => (await listRelays(ctx, owner))[0]).toMatchObject({ sessions: 1, rateIn: 8000 })
  expect(await database.db.relaySession.findMany()).toMatchObject([{ aName: 'sim-a', relayName: 'lock-1', bytesA: 1000n, endedAt: null }])

  const before = (await newestPolicy(database.db)).id
  await savePolicy(ctx, owner, { text: '{"tagOwners": {"tag:relay": [], "tag:simulated": []}, "grants": []}', expectedVersion: before })
  await relay.soon(() => relay.view()?.view.serves, [])
  expect(relay.view()?.cause).toMatch(/^grant removed/)
  await peer.soon(() => peer.view()?.view.relays, [])
  await expect.poll(async () => {
    const node = await database.db.node.findUnique({ where: { id: relay.id } })
    return node && node.viewRevision === relay.view()?.revision && node.appliedRevision === node.viewRevision
  }).toBe(true)

  await peer.client.stop(true)
  await expect.poll(() => database.db.node.count({ where: { id: peer.id } })).toBe(0)
  expect(errors).toEqual([])
})
