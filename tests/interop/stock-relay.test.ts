import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../e2e/harness/wait.ts'
import { interopUnavailable, keepLogs, startFlow, startNetwork, type Flow, type Network } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

describe.skipIf(unavailable !== undefined)('a stock client as a relay', () => {
  let network: Network<'a' | 'b' | 's', never>
  let flow: Flow
  const ids = { a: 0, b: 0, s: 0 }

  beforeAll(async () => {
    network = await startNetwork({ prefix: 'stock', sites: { a: { nat: 'hard' }, b: { nat: 'hard' }, s: { public: true } }, clients: { a: {}, b: {}, s: {} } })
    const { clients, control: { client }, lab } = network
    for (const { id, name } of await client.machine.list.query()) if (name === 'a' || name === 'b' || name === 's') ids[name] = id
    await client.machine.setTags.mutate({ id: ids.s, tags: ['tag:relay'] })
    await clients.a.pingUntil('b', 'derp', 15_000)
    flow = await startFlow(lab, { from: 'a', to: 'b', address: await clients.b.address() })
  })
  afterEach((context) => keepLogs(context, ...network.logged))
  afterAll(async () => {
    await flow?.stop()
    await network?.remove()
  })

  const relay = () => network.control.client.relay.get.query({ id: ids.s })
  type Relay = Awaited<ReturnType<typeof relay>>

  /** Waits until the page says so; how long that took, ms. */
  async function untilRelay(what: string, isSo: (one: Relay) => boolean, withinMs = 10_000): Promise<number> {
    const since = Date.now()
    let last: unknown
    await waitFor(() => `the relay to be ${what}: ${JSON.stringify(last)}`, async () => {
      const one = await relay().catch((error: unknown) => String(error))
      last = typeof one === 'string' ? one : { state: one.state, text: one.stateText, port: one.boundPort, wanted: one.advertised, revision: one.revision, applied: one.appliedRevision, client: one.client, endpoints: one.endpoints, rateIn: one.rateIn }
      return typeof one === 'object' && isSo(one) ? true : undefined
    }, withinMs, 50)
    return Date.now() - since
  }

  const switchTo = (advertised: boolean) => network.control.client.relay.setAdvertised.mutate({ id: ids.s, advertised })
  const events = async (): Promise<string[]> => (await relay()).events.map(({ text }) => text)

  /** Both ends send by the relay. */
  async function bothOnRelay(withinMs: number): Promise<void> {
    await Promise.all([network.clients.a.untilPath('b', 'peer-relay', withinMs), network.clients.b.untilPath('a', 'peer-relay', withinMs)])
  }

  /** What a page of this relay has at the same time. */
  async function watched<T>(work: () => Promise<T>): Promise<T> {
    const subscription = network.control.client.live.samples.subscribe({ relayIds: [ids.s], sessions: true }, {})
    try {
      return await work()
    } finally {
      subscription.unsubscribe()
    }
  }

  test('is among the relays once it says so, with its port, and carries those who may use it', async () => {
    await network.clients.s.set('--relay-server-port=40000')
    console.log(`relaying after ${await untilRelay('relaying', (one) => one.state === 'relaying' && one.boundPort === 40_000)} ms`)
    expect(await relay()).toMatchObject({ kind: 'client', advertised: true, port: 40_000, client: { remoteConfig: false, knowsRemoteConfig: true } })
    await bothOnRelay(45_000)
    const path = await network.control.client.machine.checkPath.mutate({ id: ids.a, peerId: ids.b })
    console.log(path.sentence, path.latencyMs)
    expect(path).toMatchObject({ kind: 'relay', relay: { id: ids.s, name: 's' }, endpoint: `${network.lab.addressOf('s')}:40000` })
    expect((await network.control.client.machine.checkPath.mutate({ id: ids.a, peerId: ids.s })).kind).toBe('direct')
  })

  test('without consent what it carries is read, its sessions are not', async () => {
    await watched(() => untilRelay('counted', (one) => (one.endpoints ?? 0) > 0 && (one.rateIn ?? 0) > 0, 30_000))
    expect((await network.control.client.session.list.query({ state: 'live', relayId: ids.s })).total).toBe(0)
  })

  test('is turned off and on without consent', async () => {
    await switchTo(false)
    console.log(`off after ${await untilRelay('off', (one) => one.state === 'off')} ms`)
    await network.clients.a.untilPath('b', 'derp', 12_000)
    await switchTo(true)
    await untilRelay('relaying', (one) => one.state === 'relaying')
    await bothOnRelay(45_000)
    expect((await flow.report()).closed).toBeNull()
  })

  test('a grant that is taken away ends its sessions, and is said with the way and the time', async () => {
    const { client } = network.control
    const { text, version } = await client.policy.get.query()
    const gone = text.replace('{"src": ["*"], "dst": ["tag:relay"]', '{"src": ["tag:relay"], "dst": ["tag:relay"]')
    expect(gone).not.toBe(text)
    const saved = Date.now()
    await client.policy.save.mutate({ text: gone, expectedVersion: version })
    await waitFor('the end of its sessions', async () => (await events()).find((one) => one.startsWith('ended all sessions on s within')), 10_000)
    console.log(`${(await events())[0]}; seen ${Date.now() - saved} ms after Save`)
    await network.clients.a.untilPath('b', 'derp', 12_000)
    await client.policy.save.mutate({ text, expectedVersion: (await client.policy.get.query()).version })
    await bothOnRelay(45_000)
    expect((await flow.report()).closed).toBeNull()
  })

  test('with consent the switch, the port and the static addresses are its own', async () => {
    const { clients: { s }, control: { client } } = network
    const prefs = async (): Promise<Record<string, unknown>> => JSON.parse(await s.localApi('prefs'))
    await s.set('--remote-config')
    await untilRelay('set from here', (one) => one.client?.remoteConfig === true)
    await switchTo(false)
    await untilRelay('off', (one) => one.state === 'off' && one.appliedRevision === one.revision)
    expect((await prefs()).RelayServerPort ?? null).toBeNull()
    // Until then it trusts the path that is no more.
    await network.clients.a.untilPath('b', 'derp', 12_000)
    await client.relay.configure.mutate({ id: ids.s, port: 40_005, staticEndpoints: ['203.0.113.7:40005'], region: 'lab', maxEndpoints: 1000, handshakesPerSecond: 100 })
    await switchTo(true)
    await untilRelay('relaying', (one) => one.state === 'relaying' && one.boundPort === 40_005 && one.appliedRevision === one.revision)
    expect(await prefs()).toMatchObject({ RelayServerPort: 40_005, RelayServerStaticEndpoints: ['203.0.113.7:40005'] })
    await bothOnRelay(45_000)
  })

  test('with consent its sessions are told by name, with their bytes', async () => {
    const { client } = network.control
    const row = await watched(() => waitFor('a session with traffic', async () => {
      const { rows } = await client.session.list.query({ state: 'live', relayId: ids.s })
      return rows.find((one) => one.bytesFromA > 0 && one.bytesFromB > 0 && (one.rateFromA ?? 0) > 0)
    }, 30_000))
    expect([row.a.name, row.b.name].toSorted()).toEqual(['a', 'b'])
    expect((await client.machine.checkPath.mutate({ id: ids.b, peerId: ids.a })).relay).toEqual({ id: ids.s, name: 's' })
  })

  test('with consent a grant that is taken away ends them, too, and they are told as ended by it', async () => {
    const { client } = network.control
    const { text, version } = await client.policy.get.query()
    await client.policy.save.mutate({ text: text.replace('{"src": ["*"], "dst": ["tag:relay"]', '{"src": ["tag:relay"], "dst": ["tag:relay"]'), expectedVersion: version })
    const { reason } = await waitFor('the session to have ended', async () => (await client.session.list.query({ state: 'ended', relayId: ids.s })).rows[0], 12_000)
    expect(reason).toContain('grant removed')
    console.log((await events())[0])
    await network.clients.a.untilPath('b', 'derp', 12_000)
    expect((await flow.report()).closed).toBeNull()
  })
})
