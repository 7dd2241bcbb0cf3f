import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { interopUnavailable, keepLogs, startFlow, startNetwork, transfer, untilBoth, watchPaths, type Flow, type Network, type StockClient } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

type ClientName = 'a' | 'b' | 'u' | 'p'

/** A client trusts a path that answers no more for 6.5 s; a packet of the flow that was just sent then is sent again after as long as it waited. */
const lostPathMs = 16_000

describe.skipIf(unavailable !== undefined)('the path that two clients find', () => {
  let network: Network<ClientName, 'lock'>

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'paths',
      sites: { a: { nat: 'cone' }, b: { nat: 'cone' }, u: { nat: 'udp-blocked' }, p: { nat: { onlyUdpPorts: [40_000] } }, lock: { public: true } },
      agents: { lock: {} }, clients: { a: {}, b: {}, u: {}, p: {} },
    })
  })
  afterEach((context) => keepLogs(context, ...(network?.logged ?? [])))
  afterAll(() => network?.remove())

  /** A flow between two that ends with the story. */
  async function withFlow(from: StockClient, to: StockClient, story: (flow: Flow) => Promise<void>): Promise<void> {
    const flow = await startFlow(network.lab, { from: from.name, to: to.name, address: await to.address() })
    try {
      await story(flow)
    } finally {
      await flow.stop()
    }
  }

  async function move(from: ClientName, to: ClientName, bytes: number): Promise<string> {
    const { bitsPerSecond } = await transfer(network.lab, { from, to, address: await network.clients[to].address(), bytes })
    return `${bytes / 1e6} MB arrive as they were sent, ${Math.round(bitsPerSecond / 1e6)} Mbit/s`
  }

  test('is direct when direct is possible', async () => {
    const { clients: { a, b }, lab } = network
    await withFlow(a, b, async () => {
      console.log(`both direct after ${await untilBoth([a, b], 'direct', 20_000)} ms`)
      expect((await a.probe('b')).endpoint).toBe(`${lab.outsideOf('b')}:41641`)
    })
  })

  test('is by DERP where UDP is blocked on one side', async () => {
    const { a, u } = network.clients
    const watch = watchPaths([a, u])
    expect((await a.pingUntil('u', 'derp', 15_000)).pong.derp).toBe('home')
    console.log(`UDP blocked on one side: ${await move('u', 'a', 5_000_000)}`)
    expect(await watch.stop()).toEqual(['derp'])
  })

  test('is by the relay where only the relay’s port is allowed', async () => {
    const { clients: { a, p }, lab } = network
    await withFlow(p, a, async () => {
      console.log(`only the relay’s port allowed: both on the relay after ${await untilBoth([p, a], 'peer-relay', 40_000)} ms`)
      expect((await p.probe('a')).endpoint).toBe(`${lab.addressOf('lock')}:40000`)
      console.log(`only the relay’s port allowed: ${await move('p', 'a', 20_000_000)}`)
      await untilBoth([p, a], 'peer-relay', 1000)
    })
  })

  test('goes to the relay when a firewall closes, and back to direct when it opens, under a running flow', async () => {
    const { clients: { a, b }, lab } = network
    await withFlow(a, b, async (flow) => {
      await untilBoth([a, b], 'direct', 20_000)
      const closed = performance.now()
      let onRelayMs = 0
      const silence = await flow.silenceDuring(async () => {
        await lab.block('a', 'b')
        onRelayMs = await untilBoth([a, b], 'peer-relay', 45_000, closed)
      })
      console.log(`a firewall closed: both on the relay after ${onRelayMs} ms, silence ${silence} ms`)
      expect(silence).toBeLessThan(lostPathMs)
      const opened = performance.now()
      let directMs = 0
      const silenceBack = await flow.silenceDuring(async () => {
        await lab.unblock('a', 'b')
        directMs = await untilBoth([a, b], 'direct', 40_000, opened)
      })
      console.log(`it opened: both direct after ${directMs} ms, silence ${silenceBack} ms`)
      expect(silenceBack).toBeLessThan(500)
    })
  })

  test('is found again when a NAT rebinds under a running flow, direct or by the relay', async () => {
    const { clients: { a, b, p }, lab } = network
    await Promise.all(([[a, b, 'direct'], [a, p, 'peer-relay']] as const).map(([one, other, via]) => withFlow(one, other, async (flow) => {
      await untilBoth([one, other], via, 40_000)
      const since = performance.now()
      const silence = await flow.silenceDuring(() => lab.renumber(other.name))
      console.log(`the NAT of a ${via} path rebinds: silence ${silence} ms, both on such a path again after ${await untilBoth([one, other], via, 45_000, since)} ms`)
      expect(silence).toBeLessThan(lostPathMs)
    })))
    expect((await a.probe('b')).endpoint).toBe(`${lab.outsideOf('b')}:41641`)
  })

  test('stays with 5 % loss, direct or by the relay, and what is sent arrives', async () => {
    const { clients: { a, b, p }, lab } = network
    await Promise.all([a.pingUntil('b', 'direct', 20_000), p.pingUntil('a', 'peer-relay', 40_000)])
    await lab.shape('a', { lossPercent: 5 })
    try {
      for (const [one, other, via] of [[a, b, 'direct'], [a, p, 'peer-relay']] as const) {
        await withFlow(one, other, async (flow) => {
          const { stdout } = await lab.exec('a', ['ping', '-n', '-q', '-c', '200', '-i', '0.01', '-W', '2', await other.address()])
          const lost = Number(/([\d.]+)% packet loss/.exec(stdout)?.[1])
          // There and back.
          expect(lost).toBeGreaterThan(1)
          expect(lost).toBeLessThan(30)
          console.log(`5 % loss, ${via}: ${lost} % of pings lost, ${await move('a', other === b ? 'b' : 'p', 3_000_000)}; a flow’s longest silence ${(await flow.report()).silenceMs} ms`)
          await untilBoth([one, other], via, 20_000)
        })
      }
    } finally {
      await lab.shape('a', {})
    }
  })
})
