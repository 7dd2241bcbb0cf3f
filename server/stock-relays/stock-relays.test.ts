import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { Report } from '../../protocol/channel/index.ts'
import { withTestDb } from '../db/testing.ts'
import type { ReportArrival } from '../metrics/index.ts'
import { TowpathError } from '../errors/index.ts'
import { listActivity } from '../services/activity/list.ts'
import { createAuthKey } from '../services/auth-key/create.ts'
import { admitNode } from '../services/node/admit.ts'
import { getPolicy } from '../services/policy/get.ts'
import { savePolicy } from '../services/policy/save.ts'
import type { C2nRequest } from '../services/questions.ts'
import { configureRelay } from '../services/relay/configure.ts'
import { getRelay } from '../services/relay/get.ts'
import { listRelays } from '../services/relay/list.ts'
import { reportClientRelay } from '../services/relay/report-client.ts'
import { setAdvertised } from '../services/relay/set-advertised.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../services/testing.ts'
import { createStockRelays, type StockRelays } from './stock-relays.ts'

const database = withTestDb()
const ann = person('admin')
const grants = (who: string): string => `{
  "tagOwners": {"tag:relay": [], "tag:simulated": []},
  "grants": [
    {"src": ["*"], "dst": ["*"], "ip": ["*"]},
    {"src": ["${who}"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": []}}
  ]
}`

/** A stock client, as far as a relay's requests see it. */
class FakeClient {
  prefs: { RelayServerPort?: number | null; RelayServerStaticEndpoints?: string[] } = { RelayServerPort: 40_000 }
  sessions: unknown[] = []
  forwarded = 0
  isThere = true
  isConsenting = false
  readonly asked: C2nRequest[] = []

  runs(): boolean {
    return this.prefs.RelayServerPort !== undefined && this.prefs.RelayServerPort !== null && !this.attributes().includes('disable-relay-server')
  }

  readonly attributes: () => readonly string[]

  constructor(attributes: () => readonly string[]) {
    this.attributes = attributes
  }

  answer(request: C2nRequest): { status: number; body: string } {
    this.asked.push(request)
    if (request.path.startsWith('/remoteapi/') && !this.isConsenting) return { status: 403, body: 'remote config not enabled by local machine' }
    if (!this.runs()) this.sessions = []
    switch (`${request.method} ${request.path}`) {
      case 'GET /debug/prefs': return { status: 200, body: JSON.stringify(this.prefs) }
      case 'GET /debug/metrics': return { status: 200, body: `udprelay_forwarded_bytes_udp4_udp4 ${this.forwarded}\nudprelay_endpoints_open ${this.sessions.length}\n` }
      case 'POST /debug/netmap': return { status: 200, body: JSON.stringify({ current: { SelfNode: { CapMap: Object.fromEntries(this.attributes().map((name) => [name, null])) } } }) }
      case 'GET /remoteapi/localapi/v0/debug-peer-relay-sessions':
        return { status: 200, body: JSON.stringify({ UDPPort: this.runs() ? this.prefs.RelayServerPort : null, Sessions: this.runs() ? this.sessions : null }) }
      case 'PATCH /remoteapi/localapi/v0/prefs': {
        const { RelayServerPort, RelayServerPortSet, RelayServerStaticEndpoints, RelayServerStaticEndpointsSet } = JSON.parse(request.body ?? '')
        if (RelayServerPort === 1) return { status: 400, body: '{"Error":"port 1 is taken"}' }
        if (RelayServerPortSet) this.prefs.RelayServerPort = RelayServerPort
        if (RelayServerStaticEndpointsSet) this.prefs.RelayServerStaticEndpoints = RelayServerStaticEndpoints
        return { status: 200, body: JSON.stringify(this.prefs) }
      }
      default: throw new Error(`never asked: ${request.method} ${request.path}`)
    }
  }
}

let ctx: TestContext
let client: FakeClient
let stock: StockRelays
let reports: Report[] = []
let arrivals: ReportArrival[] = []
let isWatched = false
let faults: string[] = []
let [id, a, b] = [0, 0, 0]

beforeEach(async () => {
  await emptyDb(database.db)
  const base = await testContext(database.db)
  client = new FakeClient(() => base.network.node(id)?.attributes ?? [])
  ctx = {
    ...base,
    questions: {
      ...base.questions,
      c2n: async (nodeId, request) => {
        if (nodeId !== id || !client.isThere) throw new TowpathError({ code: 'unavailable', text: 'away', fix: '' })
        return { headers: new Map(), ...client.answer(request) }
      },
    },
  }
  isWatched = false
  reports = []
  arrivals = []
  faults = []
  const { key } = await createAuthKey(ctx, ann, { tags: ['tag:relay'] })
  const peers = await createAuthKey(ctx, ann, { tags: ['tag:simulated'], reusable: true })
  id = (await admitNode(ctx, claimOf('s', { authKey: key }))).id
  a = (await admitNode(ctx, claimOf('laptop', { authKey: peers.key, kind: 'simulated' }))).id
  b = (await admitNode(ctx, claimOf('nas', { authKey: peers.key, kind: 'simulated' }))).id
  await database.db.relay.deleteMany()
  await database.db.node.update({ where: { id }, data: { kind: 'client', capVersion: 142, viewRevision: 0 } })
  ctx.bus.publish('node.changed', { nodeId: id, cause: 'test' })
  ctx.bus.publish('node.presence', { nodeId: id, online: true })
  await ctx.network.settled()
  const { version } = await getPolicy(ctx, ann)
  await savePolicy(ctx, ann, { expectedVersion: version, text: grants('*') })
  await ctx.network.settled()
  stock = createStockRelays({
    services: ctx,
    metrics: {
      ingest: async (_, report, arrival) => {
        reports.push(report)
        arrivals.push(arrival)
      }, live: { watched: () => isWatched },
    },
    log: { warn: () => {}, error: (fields, text) => void faults.push(`${text} ${JSON.stringify(fields)}`) },
  }, { startTimer: false })
})
afterEach(async () => {
  await stock.dispose()
  ctx.dispose()
  if (faults.length > 0) throw new Error(faults.join('; '))
})

/** The client's next lite update. */
async function says(said: { readonly PeerRelay: boolean; readonly RemoteConfig?: boolean }): Promise<void> {
  const { hostinfo } = await database.db.node.findUniqueOrThrow({ where: { id }, select: { hostinfo: true } })
  const before = hostinfo as { PeerRelay?: boolean; RemoteConfig?: boolean }
  const now = { RemoteConfig: false, ...said }
  client.isConsenting = now.RemoteConfig
  await database.db.node.update({ where: { id }, data: { hostinfo: now } })
  await reportClientRelay(ctx, id, before, now)
  await ctx.network.settled()
  await stock.settled()
}

/** Lets seconds pass, with what is begun in each. */
async function pass(seconds: number): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    ctx.time.now += 1000
    stock.tick()
    await stock.settled()
    await ctx.network.settled()
  }
}

const relay = () => getRelay(ctx, ann, { id })
const texts = async (): Promise<string[]> => (await listActivity(ctx, ann, { limit: 100 })).rows.map(({ text }) => text)
const short = (nodeId: number): string => `d:${ctx.network.node(nodeId)?.discoKey.slice(9, 25) ?? ''}`
const session = (bytes: number): unknown => ({
  VNI: 1, Client1: { Endpoint: '192.0.2.1:1', ShortDisco: short(a), PacketsTx: bytes / 10, BytesTx: bytes }, Client2: { Endpoint: '192.0.2.2:1', ShortDisco: short(b), PacketsTx: 0, BytesTx: 0 },
})

describe('without its owner’s consent', () => {
  test('a client is a relay as soon as it says so, up for those who may use it, with the port that it has', async () => {
    expect(await listRelays(ctx, ann)).toEqual([])
    await says({ PeerRelay: true })
    client.prefs = { RelayServerPort: 41_000, RelayServerStaticEndpoints: ['203.0.113.7:41000'] }
    await pass(1)
    expect(await relay()).toMatchObject({
      kind: 'client', advertised: true, state: 'relaying', port: 41_000, boundPort: 41_000, staticEndpoints: ['203.0.113.7:41000'],
      addresses: [{ address: '203.0.113.7:41000', source: 'static' }], client: { remoteConfig: false, knowsRemoteConfig: true }, mayUseCount: 2,
    })
    expect(ctx.network.view(a)?.relays).toEqual([id])
    expect(await texts()).toContain('relays for this network, by its own setting')
    await says({ PeerRelay: false })
    expect(await relay()).toMatchObject({ advertised: false, state: 'off', stateText: '' })
    expect(ctx.network.view(a)?.relays).toEqual([])
  })

  test('a client that never relays is none', async () => {
    await says({ PeerRelay: false })
    expect(await listRelays(ctx, ann)).toEqual([])
  })

  test('it is turned off by an attribute, and off only once the client has it', async () => {
    await says({ PeerRelay: true })
    await pass(1)
    client.isThere = false
    await setAdvertised(ctx, ann, { id, advertised: false })
    expect(ctx.network.node(id)?.attributes).toEqual(['disable-relay-server'])
    await pass(1)
    expect(await relay()).toMatchObject({ advertised: false, state: 'draining', stateText: 'Waiting for its client to stop' })
    client.isThere = true
    await pass(2)
    expect(await relay()).toMatchObject({ state: 'off', stateText: 'Held off from here; on the machine itself it is still set up', revision: 1, appliedRevision: 1 })
    expect(ctx.network.view(a)?.relays).toEqual([])
    await setAdvertised(ctx, ann, { id, advertised: true })
    await pass(1)
    expect(await relay()).toMatchObject({ state: 'relaying', appliedRevision: 2 })
    expect(ctx.network.node(id)?.attributes).toBeUndefined()
    expect(client.asked.some(({ method }) => method === 'PATCH')).toBe(false)
  })

  test('what is set here stays, whatever the machine does', async () => {
    await says({ PeerRelay: true })
    await setAdvertised(ctx, ann, { id, advertised: false })
    await says({ PeerRelay: false })
    await says({ PeerRelay: true })
    expect(await relay()).toMatchObject({ advertised: false, state: 'off', stateText: 'Held off from here; on the machine itself it is still set up' })
    await setAdvertised(ctx, ann, { id, advertised: true })
    await says({ PeerRelay: false })
    expect(await relay()).toMatchObject({ advertised: true, state: 'off', stateText: 'Turned off on the machine itself' })
  })

  test('its port and static endpoints are refused with what to run there', async () => {
    await says({ PeerRelay: true })
    await pass(1)
    const settings = { id, port: 40_000, staticEndpoints: [], region: 'fra', maxEndpoints: 65_536, handshakesPerSecond: 50 }
    await expect(configureRelay(ctx, ann, { ...settings, port: 40_001 })).rejects.toMatchObject({ code: 'invalid', path: 'port', fix: 'Run "tailscale set --relay-server-port=40001" there, or once "tailscale set --remote-config"' })
    await expect(configureRelay(ctx, ann, { ...settings, staticEndpoints: ['203.0.113.7:40000'] })).rejects.toMatchObject({ path: 'staticEndpoints' })
    expect(await configureRelay(ctx, ann, settings)).toMatchObject({ region: 'fra' })
  })

  test('what it counts is read each 10 s while somebody looks, and drawn', async () => {
    await says({ PeerRelay: true })
    await pass(25)
    expect(client.asked.filter(({ path }) => path === '/debug/metrics')).toEqual([])
    isWatched = true
    await pass(1)
    client.forwarded = 5000
    await pass(10)
    client.forwarded = 100
    await pass(10)
    expect(reports).toMatchObject([{ sequence: 1, intervalMs: 10_000, bytesIn: 5000, bytesOut: 5000, sessions: [] }, { sequence: 2, bytesIn: 100 }])
    expect((await texts()).filter((text) => text === 'asked s for its settings and metrics, as somebody looks or a quota counts')).toHaveLength(1)
  })

  test('a grant that is taken away holds it off until it has stopped, and lets it go again', async () => {
    await says({ PeerRelay: true })
    await pass(1)
    client.sessions = [session(100)]
    const { version } = await getPolicy(ctx, ann)
    await savePolicy(ctx, ann, { expectedVersion: version, text: grants('tag:relay') })
    await vi.waitFor(() => expect(ctx.network.isRelayHeld(id)).toBe(true))
    expect(await relay()).toMatchObject({ state: 'draining' })
    await vi.waitFor(() => expect(ctx.network.isRelayHeld(id)).toBe(false))
    await stock.settled()
    expect(client.sessions).toEqual([])
    expect((await texts())[0]).toMatch(/^ended all sessions on s within \d+\.\d s by disable-relay-server: grant removed/)
    expect(ctx.network.node(id)?.attributes).toBeUndefined()
  })

  test('without an endpoint on it nothing is held', async () => {
    await says({ PeerRelay: true })
    await pass(1)
    const { version } = await getPolicy(ctx, ann)
    await savePolicy(ctx, ann, { expectedVersion: version, text: grants('tag:relay') })
    await stock.settled()
    expect((await texts()).some((text) => text.startsWith('ended all'))).toBe(false)
  })
})

describe('with its owner’s consent', () => {
  const settings = { port: 40_000, staticEndpoints: [], region: '', maxEndpoints: 65_536, handshakesPerSecond: 50 }

  test('the switch sets it, each time once, and what it answers is what is shown', async () => {
    client.prefs = {}
    await says({ PeerRelay: false, RemoteConfig: true })
    await pass(1)
    expect(await relay()).toMatchObject({ advertised: false, state: 'off', client: { remoteConfig: true } })
    await setAdvertised(ctx, ann, { id, advertised: true })
    await stock.settled()
    expect(client.prefs.RelayServerPort).toBe(40_000)
    expect(await relay()).toMatchObject({ state: 'relaying', boundPort: 40_000, appliedRevision: 1 })
    await setAdvertised(ctx, ann, { id, advertised: false })
    await stock.settled()
    await pass(3)
    expect(client.asked.flatMap(({ body, method }) => (method === 'PATCH' ? [body] : []))).toEqual([
      '{"RelayServerPort":40000,"RelayServerPortSet":true}', '{"RelayServerPort":null,"RelayServerPortSet":true}',
    ])
    expect(await relay()).toMatchObject({ state: 'off', stateText: '', boundPort: null })
    expect((await texts()).filter((text) => text.startsWith('set s by'))).toEqual(['set s by its owner’s consent: relay off', 'set s by its owner’s consent: relay on port 40000'])
  })

  test('so do its port and static endpoints; what is set while it is away comes with it', async () => {
    await says({ PeerRelay: true, RemoteConfig: true })
    await pass(1)
    ctx.bus.publish('node.presence', { nodeId: id, online: false })
    client.isThere = false
    await configureRelay(ctx, ann, { id, ...settings, port: 40_005, staticEndpoints: ['203.0.113.7:40005'] })
    await pass(2)
    expect(client.prefs).toEqual({ RelayServerPort: 40_000 })
    client.isThere = true
    ctx.bus.publish('node.presence', { nodeId: id, online: true })
    await stock.settled()
    expect(client.prefs).toEqual({ RelayServerPort: 40_005, RelayServerStaticEndpoints: ['203.0.113.7:40005'] })
    expect(await relay()).toMatchObject({ port: 40_005, boundPort: 40_005, addresses: [{ address: '203.0.113.7:40005' }] })
  })

  test('what the machine sets itself stands beside what is wanted, and may be asked for again', async () => {
    await says({ PeerRelay: true, RemoteConfig: true })
    await setAdvertised(ctx, ann, { id, advertised: false })
    await setAdvertised(ctx, ann, { id, advertised: true })
    await stock.settled()
    client.prefs = {}
    await says({ PeerRelay: false, RemoteConfig: true })
    await pass(3)
    expect(await relay()).toMatchObject({ advertised: true, state: 'off', stateText: 'Turned off on the machine itself' })
    await setAdvertised(ctx, ann, { id, advertised: true })
    await stock.settled()
    expect(await relay()).toMatchObject({ state: 'relaying' })
  })

  test('its refusal is the reason that is shown', async () => {
    client.prefs = {}
    await says({ PeerRelay: false, RemoteConfig: true })
    await configureRelay(ctx, ann, { id, ...settings, port: 1 })
    await setAdvertised(ctx, ann, { id, advertised: true })
    await pass(2)
    expect(await relay()).toMatchObject({ state: 'cannot', stateText: 'Its client refuses (400): port 1 is taken' })
    expect(client.asked.filter(({ method }) => method === 'PATCH')).toHaveLength(1)
  })

  test('its sessions come by name while somebody looks', async () => {
    await says({ PeerRelay: true, RemoteConfig: true })
    isWatched = true
    client.sessions = [session(1000)]
    await pass(1)
    client.sessions = [session(3000)]
    await pass(10)
    client.sessions = []
    await pass(10)
    const [one, two] = [a, b].toSorted((x, y) => (short(x) < short(y) ? -1 : 1))
    expect(reports).toMatchObject([
      { sequence: 1, bytesIn: 0, sessions: [{ vni: 1, a: one, b: two }], endpoints: 1 },
      { sequence: 2, bytesIn: 2000, intervalMs: 10_000 },
      { sequence: 3, bytesIn: 0, ended: [{ reason: 'ended by the relay' }] },
    ])
    // What it carried before is its own, and of no time.
    expect(arrivals.map(({ isHistory }) => isHistory)).toEqual([true, undefined, undefined])
    expect(client.asked.filter(({ path }) => path.endsWith('sessions'))).toHaveLength(3)
  })

  test('a grant that is taken away ends sessions only if one of them is concerned', async () => {
    await says({ PeerRelay: true, RemoteConfig: true })
    isWatched = true
    client.sessions = [session(100)]
    await pass(1)
    const other = await getPolicy(ctx, ann)
    // Everybody but the relay itself may still: nobody on it loses anything.
    await savePolicy(ctx, ann, { expectedVersion: other.version, text: grants('tag:simulated') })
    await stock.settled()
    expect(client.sessions).toHaveLength(1)
    const { version } = await getPolicy(ctx, ann)
    await savePolicy(ctx, ann, { expectedVersion: version, text: grants('tag:relay') })
    await vi.waitFor(() => expect(client.sessions).toEqual([]))
    await vi.waitFor(() => expect(ctx.network.isRelayHeld(id)).toBe(false))
    await stock.settled()
    expect(reports.at(-1)?.ended).toMatchObject([{ reason: expect.stringContaining('grant removed') }])
    expect((await texts())[0]).toMatch(/^ended all sessions on s/)
  })

  test('a consent that is taken back while sessions are ended does not leave it held for ever', async () => {
    await says({ PeerRelay: true, RemoteConfig: true })
    client.sessions = [session(100)]
    const stop = ctx.bus.subscribe('views.changed', () => {
      if (ctx.network.isRelayHeld(id)) client.isConsenting = false
    })
    const { version } = await getPolicy(ctx, ann)
    await savePolicy(ctx, ann, { expectedVersion: version, text: grants('tag:relay') })
    await vi.waitFor(() => expect(client.isConsenting).toBe(false))
    await database.db.node.update({ where: { id }, data: { hostinfo: { PeerRelay: true, RemoteConfig: false } } })
    await stock.settled()
    stop()
    expect(ctx.network.isRelayHeld(id)).toBe(false)
    expect((await texts())[0]).toMatch(/^ended all sessions on s/)
  })
})
