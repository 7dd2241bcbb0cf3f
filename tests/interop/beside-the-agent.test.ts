import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { interopUnavailable, keepLogs, startFlow, startNetwork, transfer, untilBoth, type Network } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

/** Of UDP, a machine's own firewall lets the relay's port through, and nothing else in or out. */
const firewall = `
table inet lab {
  chain input { type filter hook input priority filter; iifname eth0 udp dport != 40000 drop; }
  chain output { type filter hook output priority filter; oifname eth0 udp sport != 40000 drop; }
}
`

describe.skipIf(unavailable !== undefined)('a client on the relay’s own machine, of which the relay’s port alone is reached', () => {
  let network: Network<'a' | 'beside', 'lock'>

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'beside', sites: { a: { nat: 'cone' }, lock: { public: true } }, agents: { lock: { on: false } }, clients: { a: {}, beside: { site: 'lock' } },
    })
    await network.lab.run('lock', ['nft', '-f', '-'], { input: firewall })
  })
  afterEach((context) => keepLogs(context, ...(network?.logged ?? [])))
  afterAll(() => network?.remove())

  test('without the relay it is reached by DERP, with it over the relay; both ways', async () => {
    const { agents: { lock }, clients: { a, beside }, lab } = network
    await a.pingUntil('beside', 'derp', 20_000)
    const flow = await startFlow(lab, { from: 'a', to: 'lock', address: await beside.address() })
    const since = performance.now()
    await lock.switchTo('relaying')
    console.log(`both on the relay after ${await untilBoth([a, beside], 'peer-relay', 40_000, since)} ms`)
    for (const pong of [await a.probe('beside'), await beside.probe('a')]) {
      console.log(pong.text)
      expect(pong).toMatchObject({ via: 'peer-relay', endpoint: expect.stringMatching(/:40000$/) })
    }
    expect((await flow.report()).received).toBeGreaterThan(0)
    await flow.stop()
  })

  test('bytes arrive as they were sent, in both directions, and it is one session of the relay', async () => {
    const { agents: { lock }, clients: { a, beside }, control, lab } = network
    for (const [from, to, client] of [['a', 'lock', beside], ['lock', 'a', a]] as const) {
      const { bytes, bitsPerSecond } = await transfer(lab, { from, to, address: await client.address(), bytes: 30_000_000 })
      console.log(`${from} to ${to}: ${bytes / 1e6} MB, ${Math.round(bitsPerSecond / 1e6)} Mbit/s`)
    }
    await untilBoth([a, beside], 'peer-relay', 1000)
    expect((await control.client.relay.get.query({ id: lock.id })).sessions).toBe(1)
    const { rows } = await control.client.session.list.query({ state: 'live', relayId: lock.id })
    expect(rows.map(({ a: one, b: other }) => [one.name, other.name].toSorted())).toEqual([['a', 'beside']])
  })

  test('the relay is turned off under it and on again: the connection stands', async () => {
    const { agents: { lock }, clients: { a, beside }, lab } = network
    const flow = await startFlow(lab, { from: 'lock', to: 'a', address: await a.address() })
    await untilBoth([a, beside], 'peer-relay', 40_000)
    const silence = await flow.silenceDuring(async () => {
      await lock.switchTo('off')
      await untilBoth([a, beside], 'derp', 12_000)
      await lock.switchTo('relaying')
      await untilBoth([a, beside], 'peer-relay', 40_000)
    })
    console.log(`off and on again: silence ${silence} ms`)
    expect(silence).toBeLessThan(1000)
    await flow.stop()
  })
})
