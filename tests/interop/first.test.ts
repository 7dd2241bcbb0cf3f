import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { interopUnavailable, keepLogs, startFlow, startNetwork, transfer, type Network } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

describe.skipIf(unavailable !== undefined)('two clients behind hard NATs', { timeout: 120_000 }, () => {
  let network: Network<'a' | 'b', 'lock'>

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'first', sites: { a: { nat: 'hard' }, b: { nat: 'hard' }, lock: { public: true } }, agents: { lock: { on: false } }, clients: { a: {}, b: {} },
    })
  }, 300_000)
  afterEach((context) => keepLogs(context, ...(network?.logged ?? [])))
  afterAll(() => network?.remove())

  test('joined by auth key, they have addresses and see each other', async () => {
    const { a, b } = network.clients
    const [address, address6] = [await b.address(), await b.address(6)]
    expect(address).toMatch(/^100\./)
    expect(address6).toMatch(/^fd7a:115c:a1e0:/)
    const { TailscaleIPs } = (await a.untilStatus('b among its peers, online', (status) => Object.values(status.Peer).some(({ HostName, Online }) => HostName === 'b' && Online), 5000))
      .Peer[(await b.status()).Self?.PublicKey ?? ''] ?? {}
    expect(TailscaleIPs).toEqual([address, address6])
    expect((await b.peer('a'))?.Online).toBe(true)
  })

  test('their first ping goes over our DERP', async () => {
    const { pong } = await network.clients.a.pingUntil('b', 'derp', 10_000)
    expect(pong.text).toContain('via DERP')
  })

  test('turned on, our relay carries them', async () => {
    const { agents: { lock }, clients: { a, b }, lab } = network
    const flow = await startFlow(lab, { from: 'a', to: 'b', address: await b.address() })
    await lock.switchTo('relaying')
    const { pong, afterMs } = await a.pingUntil('b', 'peer-relay', 40_000)
    console.log(`on the relay after ${afterMs} ms: ${pong.text}`)
    expect(pong.endpoint).toBe(`${lab.addressOf('lock')}:40000`)
    await Promise.all([a.untilPath('b', 'peer-relay', 10_000), b.untilPath('a', 'peer-relay', 10_000)])
    expect((await flow.report()).received).toBeGreaterThan(0)
    await flow.stop()
  })

  test('100 MB arrive as they were sent, by way of the relay', async () => {
    const { agents: { lock }, clients: { a, b }, control, lab } = network
    const { bytes, bitsPerSecond } = await transfer(lab, { from: 'a', to: 'b', address: await b.address(), bytes: 100_000_000 })
    console.log(`${Math.round(bitsPerSecond / 1e6)} Mbit/s`)
    expect(bytes).toBe(100_000_000)
    await expect(a.untilPath('b', 'peer-relay', 1000)).resolves.toBeDefined()
    expect((await control.client.relay.get.query({ id: lock.id })).sessions).toBe(1)
  })
})
