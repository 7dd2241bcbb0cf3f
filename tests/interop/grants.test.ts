import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { waitFor } from '../e2e/harness/wait.ts'
import { bound, interopUnavailable, keepLogs, relaysSeenBy, startFlow, startNetwork, untilBoth, untilRelaysSeen, type Flow, type Network } from './harness/index.ts'

const unavailable = interopUnavailable()
if (unavailable !== undefined) console.log(`Stories with stock clients are skipped: ${unavailable}`)

const pairsGrant = '{"src": ["tag:pair"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}}'
/** Nothing lets anybody reach a relay, or the pair the third client. */
const policyWith = (...grants: readonly string[]): string => `{
  "tagOwners": {"tag:relay": ["autogroup:admin"], "tag:weir": ["autogroup:admin"], "tag:pair": ["autogroup:admin"], "tag:third": ["autogroup:admin"]},
  "grants": [${[
    '{"src": ["tag:pair"], "dst": ["tag:pair"], "ip": ["*"]}',
    '{"src": ["tag:third"], "dst": ["tag:weir"], "app": {"tailscale.com/cap/relay": [{}]}}',
    ...grants,
  ].join(', ')}],
}`

const tagOf: Readonly<Record<string, string>> = { a: 'tag:pair', b: 'tag:pair', c: 'tag:third', lock: 'tag:relay', weir: 'tag:weir' }

const counterSchema = z.object({ nftables: z.array(z.looseObject({ counter: z.object({ packets: z.number() }).optional() })) })

describe.skipIf(unavailable !== undefined)('who may use a relay', () => {
  let network: Network<'a' | 'b' | 'c', 'lock' | 'weir'>
  let flow: Flow
  const addressOf = { lock: '', weir: '' }

  beforeAll(async () => {
    network = await startNetwork({
      prefix: 'grants', sites: { a: { nat: 'hard' }, b: { nat: 'hard' }, c: { nat: 'hard' }, lock: { public: true }, weir: { public: true } },
      agents: { lock: {}, weir: {} }, clients: { a: {}, b: {}, c: { tun: false } },
    })
    const { control: { client } } = network
    await save(policyWith(pairsGrant))
    for (const { id, name, addresses } of await client.machine.list.query()) {
      if (name === 'lock' || name === 'weir') addressOf[name] = addresses[0] ?? ''
      await client.machine.setTags.mutate({ id, tags: [tagOf[name] ?? ''] })
    }
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

  /** Counts what the relay's host sends from the relay's port to clients. */
  async function countForwarded(): Promise<void> {
    const rules = `table inet watch {
      counter forwarded {}
      chain out { type filter hook output priority 0; udp sport 40000 ip daddr != ${network.lab.addressOf('control')} counter name forwarded; }
    }`
    await network.lab.run('lock', ['nft', '-f', '-'], { input: rules })
  }

  /** Waits until it has sent nothing for a second; when it sent last, ms after `since`: as far as a look every few ms tells, at the latest. */
  async function forwardingEnded(since: number): Promise<number> {
    let [packets, changedAt] = [-1, since]
    await waitFor(() => `the relay to forward nothing; ${packets} packets by now`, async () => {
      const { nftables } = counterSchema.parse(JSON.parse(await network.lab.run('lock', ['nft', '-j', 'list', 'counter', 'inet', 'watch', 'forwarded'])))
      const seen = nftables.find(({ counter }) => counter)?.counter?.packets ?? 0
      if (seen !== packets) [packets, changedAt] = [seen, performance.now()]
      return performance.now() - changedAt > 1000 ? true : undefined
    }, 15_000, 10)
    return Math.round(changedAt - since)
  }

  test('each client sees the relays that are granted to it and no other, although nothing else lets it reach one', async () => {
    await Promise.all([untilRelaysSeen(pair(), [addressOf.lock], 5000), untilRelaysSeen([network.clients.c], [addressOf.weir], 5000)])
    const names = Object.values((await network.clients.a.status()).Peer).map(({ DNSName }) => DNSName.split('.')[0])
    expect(names.toSorted()).toEqual(['b', 'lock'])
  })

  test('and uses them', async () => {
    flow = await startFlow(network.lab, { from: 'a', to: 'b', address: await network.clients.b.address() })
    await untilBoth(pair(), 'peer-relay', 40_000)
    expect((await network.clients.a.peer('b'))?.PeerRelay).toContain(`${network.lab.addressOf('lock')}:40000`)
  })

  test('a grant that is taken away ends the forwarding at once; the clients go on over DERP with their connection', async () => {
    await countForwarded()
    const since = performance.now()
    let figures: readonly number[] = []
    const silence = await flow.silenceDuring(async () => {
      const saved = save(policyWith()).then(() => Math.round(performance.now() - since))
      figures = await Promise.all([saved, untilRelaysSeen(pair(), [], 5000, since), forwardingEnded(since), untilBoth(pair(), 'derp', 15_000, since)])
    })
    const [savedAfter = 0, toldAfter = 0, endedAfter = 0, onDerpAfter = 0] = figures
    console.log(`revoked: saved after ${savedAfter} ms, every client told after ${toldAfter} ms, forwarding over after ${endedAfter} ms, both on DERP after ${onDerpAfter} ms, silence ${silence} ms`)
    expect([toldAfter < bound(500), endedAfter < bound(1000), onDerpAfter < bound(10_000)]).toEqual([true, true, true])
    expect(await relaysSeenBy(network.clients.c)).toEqual([addressOf.weir])
    const { rows: [session] } = await network.control.client.session.list.query({ state: 'ended', relayId: network.agents.lock.id })
    expect(session?.reason).toContain('grant removed')
  })

  test('given back, they are on the relay again', async () => {
    const since = performance.now()
    let figures: readonly number[] = []
    const silence = await flow.silenceDuring(async () => {
      const saved = save(policyWith(pairsGrant))
      figures = await Promise.all([untilRelaysSeen(pair(), [addressOf.lock], 5000, since), untilBoth(pair(), 'peer-relay', 40_000, since)])
      await saved
    })
    const [toldAfter = 0, backAfter = 0] = figures
    console.log(`given back: every client told after ${toldAfter} ms, both on the relay after ${backAfter} ms, silence ${silence} ms`)
    expect([toldAfter < bound(500), silence < bound(500)]).toEqual([true, true])
  })

  test('given to another too, that one sees both relays', async () => {
    const since = performance.now()
    await save(policyWith(pairsGrant, '{"src": ["tag:third"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}}'))
    const toldAfter = await untilRelaysSeen([network.clients.c], [addressOf.lock, addressOf.weir], 5000, since)
    console.log(`given to one more: told after ${toldAfter} ms`)
    expect(toldAfter).toBeLessThan(bound(500))
    await untilRelaysSeen(pair(), [addressOf.lock], 1000)
    await expect(untilBoth(pair(), 'peer-relay', 1000)).resolves.toBeDefined()
  })
})
