import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../e2e/harness/wait.ts'
import { bound, interopUnavailable, keepLogs, relaysSeenBy, startFlow, startNetwork, transfer, untilBoth, untilRelaysSeen, type Flow, type Network } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

type RelayName = 'first' | 'second'
const mib = 1024 ** 2

const relayGrant = (src: string, relay: RelayName, values: object): string =>
  JSON.stringify({ src: [src], dst: [`tag:${relay}`], app: { 'tailscale.com/cap/relay': [values] } })
const policyWith = (...grants: readonly string[]): string => `{
  "tagOwners": {${['a', 'b', 'c', 'first', 'second'].map((name) => `"tag:${name}": ["autogroup:admin"]`).join(', ')}},
  "grants": [
    {"src": ["tag:a", "tag:b", "tag:c"], "dst": ["tag:a", "tag:b", "tag:c"], "ip": ["*"]},
    ${grants.join(',\n    ')}
  ],
}`

describe.skipIf(unavailable !== undefined)('parameters of a relay grant', () => {
  let network: Network<'a' | 'b' | 'c', RelayName>
  let flow: Flow
  const addressOf = { first: '', second: '' }

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'params', sites: { a: { nat: 'hard' }, b: { nat: 'hard' }, c: { nat: 'hard' }, first: { public: true }, second: { public: true } },
      agents: { first: {}, second: { port: 40_001 } }, clients: { a: {}, b: {}, c: { tun: false } },
    })
    const { control: { client } } = network
    // A client that is on a relay leaves it for one that is faster.
    await network.lab.shape('first', { delayMs: 5 })
    await network.lab.shape('second', { delayMs: 40 })
    await save(policyWith(relayGrant('tag:a', 'first', { prefer: 10 }), relayGrant('tag:a', 'second', {})))
    for (const { id, name, addresses } of await client.machine.list.query()) {
      if (name === 'first' || name === 'second') addressOf[name] = addresses[0] ?? ''
      await client.machine.setTags.mutate({ id, tags: [`tag:${name}`] })
    }
    flow = await startFlow(network.lab, { from: 'a', to: 'b', address: await network.clients.b.address() })
  })
  afterEach((context) => keepLogs(context, ...(network?.logged ?? [])))
  afterAll(async () => {
    await flow?.stop()
    await network?.remove()
  })

  const pair = () => [network.clients.a, network.clients.b] as const

  async function save(text: string): Promise<void> {
    const { policy } = network.control.client
    await policy.save.mutate({ text, expectedVersion: (await policy.get.query()).version })
  }

  async function untilOn(name: RelayName, withinMs: number): Promise<void> {
    await waitFor(() => `a on the relay ${name}`, async () => ((await network.clients.a.peer('b'))?.PeerRelay?.startsWith(`${network.lab.addressOf(name)}:`) ? true : undefined), withinMs, 25)
  }

  const dropsOf = async (reason: string): Promise<number> =>
    (await network.control.client.relay.get.query({ id: network.agents.first.id })).drops.find((drop) => drop.reason === reason)?.count ?? 0

  test('of two relays only the preferred one is named, and used', async () => {
    await untilRelaysSeen([network.clients.a], [addressOf.first], 5000)
    await expect(untilOn('first', 40_000)).resolves.toBeUndefined()
  })

  test('it dies: the next one is named within 2 s, and the connection goes on by it', async () => {
    // A client that looked for relays less than 30 s ago goes by DERP until then.
    await network.clients.a.untilPath('b', 'peer-relay', 40_000)
    await waitFor('the next look to be allowed', ((since) => () => (performance.now() - since > 33_000 ? true : undefined))(performance.now()), 35_000, 200)
    const since = performance.now()
    let namedAfter = Infinity
    const silence = await flow.silenceDuring(async () => {
      await network.agents.first.kill()
      await waitFor('the second to be named', async () => ((await relaysSeenBy(network.clients.a)).includes(addressOf.second) ? true : undefined), 10_000, 20)
      namedAfter = Math.round(performance.now() - since)
      await untilOn('second', 40_000)
    })
    console.log(`the preferred one killed: the next named after ${namedAfter} ms, silence ${silence} ms`)
    expect(namedAfter).toBeLessThan(bound(2000))
    expect(silence).toBeLessThan(bound(13_500))
  })

  test('it is back: it alone is named again', async () => {
    const silence = await flow.silenceDuring(async () => {
      await network.agents.first.start()
      await untilRelaysSeen([network.clients.a], [addressOf.first], 20_000)
      await untilOn('first', 80_000)
    })
    expect(silence).toBeLessThan(bound(2000))
  })

  test('a quota that is used up sends them to DERP, with their connection, and says why', async () => {
    await save(policyWith(relayGrant('tag:a', 'first', { quota: '4MiB/month' })))
    await untilRelaysSeen([network.clients.a], [addressOf.first], 5000)
    await untilBoth(pair(), 'peer-relay', 70_000)
    await transfer(network.lab, { from: 'a', to: 'b', address: await network.clients.b.address(), bytes: 6 * mib })
    const silence = await flow.silenceDuring(async () => {
      await untilRelaysSeen([network.clients.a], [], 30_000)
      await untilBoth(pair(), 'derp', 30_000)
    })
    console.log(`quota used up: silence ${silence} ms`)
    // They trust the path for 6.5 s.
    expect(silence).toBeLessThan(bound(13_500))
    const { control: { client } } = network
    const [quota] = await client.policy.quotas.query()
    expect(quota).toMatchObject({ usedUp: true, quota: 4 * mib })
    const { rows: [session] } = await client.session.list.query({ state: 'ended', relayId: network.agents.first.id })
    expect(session?.reason).toMatch(/^quota used up: line \d+, 4 MiB in /)
    expect((await client.overview.get.query()).attention.map(({ title }) => title)).toContain(`The quota on line ${quota?.line} is used up`)
  })

  test('raised, it gives the relay back', async () => {
    await save(policyWith(relayGrant('tag:a', 'first', { quota: '1TiB/month' })))
    await untilRelaysSeen([network.clients.a], [addressOf.first], 5000)
    await untilBoth(pair(), 'peer-relay', 70_000)
    expect(await network.control.client.policy.quotas.query()).toMatchObject([{ usedUp: false }])
  })

  test('a rate holds: a connection has most of it, over the whole time not more, and what is above it is counted', async () => {
    await save(policyWith(relayGrant('tag:a', 'first', { maxRate: '20mbit' })))
    await untilRelaysSeen([network.clients.a], [addressOf.first], 5000)
    await untilBoth(pair(), 'peer-relay', 70_000)
    const dropsBefore = await dropsOf('rate-limit')
    const { bitsPerSecond } = await transfer(network.lab, { from: 'a', to: 'b', address: await network.clients.b.address(), bytes: 10 * mib })
    console.log(`${(bitsPerSecond / 1e6).toFixed(1)} of 20 Mbit/s`)
    expect(bitsPerSecond).toBeLessThan(20e6)
    expect(bitsPerSecond).toBeGreaterThan(12e6)
    await untilBoth(pair(), 'peer-relay', 10_000)
    await waitFor('drops to be reported', async () => (await dropsOf('rate-limit') > dropsBefore ? true : undefined), 10_000, 200)
  })

  test('a client has one session where one is allowed, goes over DERP to others, and has the next when it may', async () => {
    const { control: { client }, clients: { a }, agents: { first } } = network
    const running = async (): Promise<number> => {
      await a.probe('c').catch(() => undefined)
      return (await client.session.list.query({ state: 'live', relayId: first.id })).rows.length
    }
    // Sessions from before would not be cut.
    await save(policyWith(relayGrant('tag:c', 'second', {})))
    await untilRelaysSeen([a], [], 5000)
    await waitFor('the relay to have no session', async () => (await running() === 0 ? true : undefined), 20_000, 500)
    await save(policyWith(relayGrant('tag:a', 'first', { maxSessions: 1 })))
    await waitFor('a request beyond the limit to be refused', async () => (await running() === 1 && await dropsOf('allocate-session-limit') > 0 ? true : undefined), 90_000, 1000)
    await save(policyWith(relayGrant('tag:a', 'first', { maxSessions: 2 })))
    await expect(waitFor('both sessions', async () => (await running() === 2 ? true : undefined), 90_000, 1000)).resolves.toBe(true)
  })

  test('a family that the relay has no address of is refused, and no running session is cut', async () => {
    const silence = await flow.silenceDuring(() => save(policyWith(relayGrant('tag:a', 'first', { family: 'ipv6' }))))
    expect(silence).toBeLessThan(bound(500))
    await network.agents.first.switchTo('off')
    await network.agents.first.switchTo('relaying')
    await waitFor('a request to be refused for its family', async () => (await dropsOf('allocate-no-family-address') > 0 ? true : undefined), 90_000, 500)
    await expect(untilBoth(pair(), 'derp', 30_000)).resolves.toBeDefined()
    await save(policyWith(relayGrant('tag:a', 'first', { family: 'ipv4' })))
    await untilBoth(pair(), 'peer-relay', 90_000)
  })
})
