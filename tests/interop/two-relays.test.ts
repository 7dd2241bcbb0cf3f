import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../e2e/harness/wait.ts'
import { bound, interopUnavailable, keepLogs, relaysSeenBy, startFlow, startNetwork, untilRelaysSeen, type Flow, type Network } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

type RelayName = 'near' | 'far'

/** A client looks for another relay each 60 s while one serves it, at its own pulse of 3 s. */
const nextLookMs = 60_000 + 6000

describe.skipIf(unavailable !== undefined)('two relays, one 5 and one 40 ms away', () => {
  let network: Network<'a' | 'b', RelayName>
  let flow: Flow
  let both: readonly string[]
  let flowSince: number

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'tworelays', sites: { a: { nat: 'hard' }, b: { nat: 'hard' }, near: { public: true }, far: { public: true } },
      agents: { near: {}, far: { port: 40_001 } }, clients: { a: {}, b: {} },
    })
    await network.lab.shape('near', { delayMs: 5 })
    await network.lab.shape('far', { delayMs: 40 })
    both = await relaysSeenBy(network.clients.a)
    flowSince = performance.now()
    flow = await startFlow(network.lab, { from: 'a', to: 'b', address: await network.clients.b.address() })
  })
  afterEach((context) => keepLogs(context, ...(network?.logged ?? [])))
  afterAll(async () => {
    await flow?.stop()
    await network?.remove()
  })

  const pair = () => [network.clients.a, network.clients.b] as const

  /** Waits until each of the two sends by that relay; how long that took from `since` on, ms: of the later one. */
  async function untilOn(name: RelayName, withinMs: number, since = performance.now()): Promise<number> {
    const endpoint = `${network.lab.addressOf(name)}:`
    await Promise.all(pair().map((one, i) => waitFor(() => `${one.name} on the ${name} relay`, async () => {
      const peer = await one.peer(pair()[1 - i]?.name ?? '')
      return peer?.PeerRelay?.startsWith(endpoint) ? true : undefined
    }, withinMs, 25)))
    return Math.round(performance.now() - since)
  }

  test('the near one is used', async () => {
    expect(both).toHaveLength(2)
    console.log(`on the near one ${await untilOn('near', 40_000, flowSince)} ms after the flow began`)
    expect((await network.clients.a.probe('b')).ms).toBeLessThan(60)
  })

  test('it dies: the far one takes over', async () => {
    const { clients: { a }, agents: { near } } = network
    // A client that looked for relays less than 30 s ago goes by DERP until then.
    await waitFor('the next look to be allowed', () => (performance.now() - flowSince > 33_000 ? true : undefined), 35_000, 200)
    const farAddress = (await a.peer('far'))?.TailscaleIPs[0] ?? ''
    const since = performance.now()
    const figures: number[] = []
    const silence = await flow.silenceDuring(async () => {
      await near.kill()
      figures.push(...await Promise.all([untilRelaysSeen(pair(), [farAddress], 8000, since), untilOn('far', 40_000, since)]))
    })
    const [toldAfter = 0, onFarAfter = 0] = figures
    console.log(`the near one killed: every client told after ${toldAfter} ms, both on the far one after ${onFarAfter} ms, silence ${silence} ms`)
    // They trust the path for 6.5 s, then look for another; their TCP, which has repeated itself into nothing, may wait for as long again.
    expect([silence < bound(13_500), onFarAfter < bound(10_000)]).toEqual([true, true])
    expect((await a.probe('b')).ms).toBeGreaterThan(80)
  })

  test('it returns: the near one is used again, and nothing is lost', async () => {
    const since = performance.now()
    const figures: number[] = []
    const silence = await flow.silenceDuring(async () => {
      await network.agents.near.start()
      figures.push(...await Promise.all([untilRelaysSeen(pair(), both, 15_000, since), untilOn('near', nextLookMs, since)]))
    })
    const [toldAfter = 0, onNearAfter = 0] = figures
    console.log(`the near one started: every client told after ${toldAfter} ms, both on it after ${onNearAfter} ms, silence ${silence} ms`)
    expect(silence).toBeLessThan(bound(500))
    expect((await network.clients.a.probe('b')).ms).toBeLessThan(60)
  })
})
