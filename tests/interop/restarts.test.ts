import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { killAndAwait } from '../e2e/harness/processes.ts'
import { waitFor } from '../e2e/harness/wait.ts'
import {
  bound, findPeer, interopUnavailable, keepLogs, relaysSeenBy, startClient, startFlow, startNetwork, untilBoth, untilRelaysSeen, watchPaths,
  type Flow, type Network, type Via,
} from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

describe.skipIf(unavailable !== undefined)('what is killed under a running flow comes back', () => {
  let network: Network<'a' | 'b', 'lock'>
  let flow: Flow
  let relays: readonly string[]

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'restarts', sites: { a: { nat: 'hard' }, b: { nat: 'hard' }, c: { nat: 'hard' }, lock: { public: true } }, agents: { lock: {} }, clients: { a: {}, b: {} },
    })
    flow = await startFlow(network.lab, { from: 'a', to: 'b', address: await network.clients.b.address() })
    await untilBoth(pair(), 'peer-relay', 40_000)
    relays = await relaysSeenBy(network.clients.a)
    await waitFor('the session on the page', async () => (await network.control.client.relay.get.query({ id: network.agents.lock.id })).sessions === 1 || undefined, 10_000)
  })
  afterEach((context) => keepLogs(context, ...(network?.logged ?? [])))
  afterAll(async () => {
    await flow?.stop()
    await network?.remove()
  })

  const pair = () => [network.clients.a, network.clients.b] as const

  /** Where each of the two sends to the other, as they have it. */
  const endpoints = () => Promise.all([network.clients.a.peer('b'), network.clients.b.peer('a')]).then((peers) => peers.map((peer) => peer?.PeerRelay))

  /** Ends something under the flow and waits until control plane, clients and relay have found each other again; what the clients noticed meanwhile. */
  async function undergo(what: string, kill: () => Promise<void>): Promise<{ readonly silence: number; readonly ways: readonly Via[] }> {
    const { control: { client }, agents: { lock } } = network
    const watch = watchPaths(pair())
    const since = performance.now()
    let [answersAfter, backAfter] = [0, 0]
    const silence = await flow.silenceDuring(async () => {
      await kill()
      answersAfter = await waitFor(`the control plane to answer after ${what}`, () => client.machine.list.query().then(() => performance.now() - since, () => undefined), 60_000)
      await waitFor('clients and relay to be connected again', async () =>
        (await client.machine.list.query().catch(() => [])).filter(({ online }) => online).length === 3 || undefined, 60_000)
      await lock.untilState('relaying', 60_000)
      backAfter = performance.now() - since
    })
    const ways = await watch.stop()
    console.log(`${what}: answers after ${Math.round(answersAfter)} ms, clients and relay connected after ${Math.round(backAfter)} ms, silence ${silence} ms; paths meanwhile: ${ways.join()}`)
    return { silence, ways }
  }

  /** Each of the two has the other and the relay in its map, online, and may use the relay. */
  async function mapsAreRight(): Promise<boolean> {
    for (const client of pair()) {
      await client.untilStatus('peer and relay online, itself running', (status) =>
        status.BackendState === 'Running' && ['a', 'b', 'lock'].every((name) => name === client.name || findPeer(status, name)?.Online), 20_000)
    }
    await untilRelaysSeen(pair(), relays, 5000)
    return true
  }

  test('the relay, with kill -9: its clients stay on it', async () => {
    const { lock } = network.agents
    const before = await endpoints()
    const watch = watchPaths(pair())
    const silence = await flow.silenceDuring(async () => {
      await lock.kill()
      await lock.start()
    })
    await lock.untilState('relaying')
    const ways = await watch.stop()
    console.log(`the relay killed and started: silence ${silence} ms; paths meanwhile: ${ways.join()}`)
    expect(silence).toBeLessThan(bound(2000))
    expect(ways).toEqual(['peer-relay'])
    expect(await endpoints()).toEqual(before)
  })

  test('the control plane, with kill -9: its clients go on on the relay and have a right map after', async () => {
    const { silence, ways } = await undergo('the control plane killed', network.control.kill)
    expect(silence).toBeLessThan(bound(500))
    expect(ways).toEqual(['peer-relay'])
    expect(await mapsAreRight()).toBe(true)
  })

  test('the database, with kill -9: the same', async () => {
    const { silence, ways } = await undergo('the database killed', () => killAndAwait(network.control.data, 'database', 60_000))
    expect(silence).toBeLessThan(bound(500))
    expect(ways).toEqual(['peer-relay'])
    expect(await mapsAreRight()).toBe(true)
  })

  test('after all that changes reach the clients: a switch, and one who joins', async () => {
    const { control, lab, agents: { lock } } = network
    const c = await startClient(lab, 'c', { name: 'c', tun: false })
    await c.up({ loginServer: control.loginServer, authKey: await control.authKey() })
    await Promise.all(pair().map((client) => client.untilStatus('c among its peers', (status) => findPeer(status, 'c') !== undefined, 5000)))
    const since = performance.now()
    await control.client.relay.setAdvertised.mutate({ id: lock.id, advertised: false })
    const toldAfter = await untilRelaysSeen([...pair(), c], [], 5000, since)
    console.log(`turned off after it all: every client told after ${toldAfter} ms, both on DERP after ${await untilBoth(pair(), 'derp', 15_000, since)} ms`)
    expect(toldAfter).toBeLessThan(bound(500))
    expect((await flow.report()).closed).toBeNull()
  })
})
