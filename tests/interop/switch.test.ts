import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../e2e/harness/wait.ts'
import { bound, interopUnavailable, keepLogs, startFlow, startNetwork, untilBoth, untilRelaysSeen, watchPaths, type Flow, type Network } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

describe.skipIf(unavailable !== undefined)('a relay that is turned off, set anew and restarted under a running flow', () => {
  let network: Network<'a' | 'b', 'lock'>
  let flow: Flow

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'switch', sites: { a: { nat: 'hard' }, b: { nat: 'hard' }, lock: { public: true } }, agents: { lock: {} }, clients: { a: {}, b: {} },
    })
    flow = await startFlow(network.lab, { from: 'a', to: 'b', address: await network.clients.b.address() })
    await untilBoth(pair(), 'peer-relay', 40_000)
  })
  afterEach((context) => keepLogs(context, ...(network?.logged ?? [])))
  afterAll(async () => {
    await flow?.stop()
    await network?.remove()
  })

  const pair = () => [network.clients.a, network.clients.b] as const
  const relay = () => network.control.client.relay
  const lock = () => network.agents.lock
  const endpointOf = async (name: 'a' | 'b') => (await network.clients[name].peer(name === 'a' ? 'b' : 'a'))?.PeerRelay ?? ''

  test('turned off, its clients go to DERP and lose nothing; on again after 40 s, both are on it at once', async () => {
    const { id } = lock()
    const since = performance.now()
    const [toldAfter, onDerpAfter, silence] = await measured(async () => {
      await relay().setAdvertised.mutate({ id, advertised: false })
      return Promise.all([untilRelaysSeen(pair(), [], 5000, since), untilBoth(pair(), 'derp', 10_000, since)])
    })
    console.log(`off: every client told after ${toldAfter} ms, both on DERP after ${onDerpAfter} ms, silence ${silence} ms`)
    expect([toldAfter < bound(500), silence < bound(500)]).toEqual([true, true])
    await lock().untilState('off')
    await waitFor('40 s off', () => (performance.now() - since > 40_000 ? true : undefined), 45_000, 200)

    const again = performance.now()
    const [toldAgain, onRelayAfter, silenceBack] = await measured(async () => {
      await relay().setAdvertised.mutate({ id, advertised: true })
      return Promise.all([untilRelaysSeen(pair(), [await relayAddress()], 5000, again), untilBoth(pair(), 'peer-relay', 35_000, again)])
    })
    console.log(`on again: every client told after ${toldAgain} ms, both on the relay after ${onRelayAfter} ms, silence ${silenceBack} ms`)
    expect([toldAgain < bound(500), onRelayAfter < bound(2000), silenceBack < bound(500)]).toEqual([true, true, true])
  })

  test('stopped and started again, it is not noticed', async () => {
    const before = await Promise.all([endpointOf('a'), endpointOf('b')])
    const watch = watchPaths(pair())
    const silence = await flow.silenceDuring(async () => {
      await lock().stop()
      await lock().start()
    })
    await lock().untilState('relaying')
    const ways = await watch.stop()
    console.log(`stopped and started: silence ${silence} ms, that of its start; paths meanwhile: ${ways.join()}`)
    expect(silence).toBeLessThan(bound(2000))
    expect(await Promise.all([endpointOf('a'), endpointOf('b')])).toEqual(before)
    expect(ways).toEqual(['peer-relay'])
  })

  test('given another port, its clients lose nothing and come back to that one', async () => {
    const { id } = lock()
    const since = performance.now()
    const [backAfter, silence] = await measured(async () => {
      await relay().configure.mutate({ id, port: 40_001, staticEndpoints: [], region: '', maxEndpoints: 1000, handshakesPerSecond: 100 })
      await Promise.all((['a', 'b'] as const).map((name) =>
        waitFor(() => `${name} on the new port`, async () => ((await endpointOf(name)).includes(':40001:') ? true : undefined), 50_000, 25)))
      return [Math.round(performance.now() - since)]
    })
    console.log(`another port, less than 40 s after the last look for a relay: both on it after ${backAfter} ms, silence ${silence} ms`)
    expect(silence).toBeLessThan(bound(500))
  })

  /** The figures of `work`, then the flow's longest silence during it. */
  async function measured<T extends readonly number[]>(work: () => Promise<T>): Promise<[...T, number]> {
    let figures: T | undefined
    const silence = await flow.silenceDuring(async () => { figures = await work() })
    if (figures === undefined) throw new Error('no figures')
    return [...figures, silence]
  }

  async function relayAddress(): Promise<string> {
    const [address] = (await network.clients.a.peer('lock'))?.TailscaleIPs ?? []
    return address ?? ''
  }
})
