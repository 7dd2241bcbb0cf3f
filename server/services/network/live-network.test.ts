import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { defaultNames } from '../../../netmap/index.ts'
import { plainFacts } from '../../../netmap/testing.ts'
import { createBus, type BusEvents } from '../../bus/index.ts'
import { createLiveNetwork } from './live-network.ts'
import type { LiveNetwork, StoredNode, StoredRelay } from './types.ts'

const relay: StoredRelay = { advertised: true, port: 40_000, staticEndpoints: [], region: '', maxEndpoints: 65_536, handshakesPerSecond: 50, state: 'relaying' }

function node(id: number, name: string, part: Partial<StoredNode> = {}): StoredNode {
  return {
    id, name, stableId: `n${id}`, kind: 'simulated', nodeKey: `nodekey:${id}`, discoKey: `discokey:${id}`, addresses: [`100.64.0.${id}`, `fd7a::${id}`],
    endpoints: [], homeDerp: 1, capVersion: 145, routes: [], facts: plainFacts(id), tags: ['tag:simulated'], authorized: true, relay: undefined, ...part,
  }
}

const policy = (grants: string): string => `{
  "groups": {"group:ops": ["ann@example.com"]},
  "tagOwners": {"tag:relay": [], "tag:simulated": []},
  "grants": [
    {"src": ["*"], "dst": ["*"], "ip": ["*"]},
    ${grants}
  ]
}`
const relayGrant = (src: string): string => `{"src": [${src}], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}},`

/** The network of a list of nodes and a policy's text, and what it published. */
async function setUp(grants = relayGrant('"tag:simulated"'), used: ReadonlyMap<string, number> = new Map()) {
  const rows = new Map([node(1, 'lock-1', { kind: 'agent', tags: ['tag:relay'], relay }), node(2, 'sim-1'), node(3, 'sim-2'), node(4, 'sim-3')].map((one) => [one.id, one]))
  const stored = { version: 1, text: policy(grants) }
  const errors: unknown[] = []
  const bus = createBus((error) => errors.push(error))
  const published: BusEvents['views.changed'][] = []
  bus.subscribe('views.changed', (event) => published.push(event))
  let isDown = false
  const load = async <T>(value: T): Promise<T> => {
    if (isDown) throw new Error('the database is down')
    return value
  }
  const network = await createLiveNetwork({
    bus, clock: { now: () => Date.now() }, onError: (error) => errors.push(error),
    load: {
      nodes: () => load([...rows.values()]),
      nodesById: (ids) => load(ids.flatMap((id) => rows.get(id) ?? [])),
      policy: () => load({ ...stored }),
      names: () => load(defaultNames),
      quotaUse: async () => used,
    },
  })
  networks.push(network)
  return {
    network, bus, published, errors, rows,
    setDown: (down: boolean) => { isDown = down },
    /** The newest cause that a node was given. */
    causeOf: (id: number) => published.findLast(({ nodeIds }) => nodeIds.includes(id))?.cause,
    connect(...ids: number[]) {
      for (const nodeId of ids) bus.publish('node.presence', { nodeId, online: true })
      vi.advanceTimersByTime(20)
    },
    async change(id: number, part: Partial<StoredNode>, cause: string) {
      const known = rows.get(id)
      if (known) rows.set(id, { ...known, ...part })
      bus.publish('node.changed', { nodeId: id, cause })
      await network.settled()
    },
    async save(next: string) {
      stored.text = policy(next)
      stored.version++
      bus.publish('policy.changed', { version: stored.version, cause: 'policy saved' })
      await network.settled()
    },
  }
}

/** Bounded: networks of one test. */
const networks: LiveNetwork[] = []
beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) })
})
afterEach(() => {
  for (const network of networks.splice(0)) network.dispose()
  vi.useRealTimers()
})

describe('a relay is up', () => {
  test('while it is wanted, reports that it relays and is connected, and for 5 s after', async () => {
    const { network, bus, connect, rows } = await setUp()
    connect(1, 2)
    expect(network.view(2)?.relays).toEqual([1])
    expect(network.isOnline(1)).toBe(true)

    bus.publish('node.presence', { nodeId: 1, online: false })
    expect(network.isOnline(1)).toBe(false)
    expect(network.view(2)?.relays).toEqual([1])
    vi.advanceTimersByTime(4999)
    expect(network.view(2)?.relays).toEqual([1])
    vi.advanceTimersByTime(1)
    expect(network.view(2)?.relays).toEqual([])

    connect(1)
    expect(network.view(2)?.relays).toEqual([1])
    rows.set(1, { ...node(1, 'lock-1', { kind: 'agent', tags: ['tag:relay'] }), relay: { ...relay, advertised: false } })
    bus.publish('relay.changed', { nodeId: 1, cause: 'turned off by Ann' })
    await network.settled()
    expect(network.view(2)?.relays).toEqual([])
    expect(network.relayConfig(1)).toMatchObject({ advertised: false, port: 40_000 })
    expect(network.relayConfig(1)).not.toHaveProperty('state')
  })

  test('a short break of its channel changes nothing for its clients', async () => {
    const { network, bus, connect } = await setUp()
    connect(1)
    bus.publish('node.presence', { nodeId: 1, online: false })
    vi.advanceTimersByTime(3000)
    connect(1)
    vi.advanceTimersByTime(60_000)
    expect(network.view(2)?.relays).toEqual([1])
  })

  test('after our own start it has 20 s to come back', async () => {
    const { network } = await setUp()
    expect(network.view(2)?.relays).toEqual([1])
    vi.advanceTimersByTime(20_000)
    expect(network.view(2)?.relays).toEqual([])
  })

  test.each(['draining', 'cannot', 'starting', 'off'] as const)('and not while it says %s', async (state) => {
    const { network, bus, connect, rows } = await setUp()
    connect(1)
    rows.set(1, node(1, 'lock-1', { kind: 'agent', tags: ['tag:relay'], relay: { ...relay, state } }))
    bus.publish('relay.changed', { nodeId: 1, cause: '' })
    await network.settled()
    expect(network.view(2)?.relays).toEqual([])
  })
})

describe('preferred relays', () => {
  const ranked = '{"src": ["tag:simulated"], "dst": ["100.64.0.1"], "app": {"tailscale.com/cap/relay": [{"prefer": 10}]}}, {"src": ["tag:simulated"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}},'

  async function withTwo() {
    const rig = await setUp(ranked)
    rig.rows.set(5, node(5, 'lock-2', { kind: 'agent', tags: ['tag:relay'], relay }))
    rig.bus.publish('node.changed', { nodeId: 5, cause: 'joined' })
    await rig.network.settled()
    rig.connect(1, 2, 5)
    return { ...rig, relays: () => rig.network.view(2)?.relays }
  }

  test('are the only ones that a client is told of; those that follow are there at once when they are gone', async () => {
    const { bus, relays } = await withTwo()
    expect(relays()).toEqual([1])
    bus.publish('node.presence', { nodeId: 1, online: false })
    vi.advanceTimersByTime(20)
    // It may come back: both are told of until then.
    expect(relays()).toEqual([1, 5])
    vi.advanceTimersByTime(5000)
    expect(relays()).toEqual([5])
  })

  test('that say they relay no more are followed at once, and come back with a word', async () => {
    const { bus, network, connect, rows, relays } = await withTwo()
    const known = rows.get(1) ?? node(1, 'lock-1')
    rows.set(1, { ...known, relay: { ...relay, state: 'cannot' } })
    bus.publish('relay.changed', { nodeId: 1, cause: 'lock-1 cannot relay' })
    await network.settled()
    expect(relays()).toEqual([5])
    rows.set(1, known)
    bus.publish('relay.changed', { nodeId: 1, cause: 'lock-1 relays' })
    await network.settled()
    expect(relays()).toEqual([1])
    bus.publish('node.presence', { nodeId: 1, online: false })
    vi.advanceTimersByTime(20)
    connect(1)
    expect(relays()).toEqual([1])
  })
})

describe('a quota', () => {
  const limited = (quota: string): string => `{"src": ["tag:simulated"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{"quota": "${quota}/month"}]}},`
  const gib = 1024 ** 3

  async function withQuota(quota: string) {
    const rig = await setUp(limited(quota))
    rig.connect(1, 2, 3)
    const [one] = rig.network.quotas.uses()
    if (one === undefined) throw new Error('no quota')
    const uses = (bytes: number): void => rig.network.quotas.took([{ key: one.key, month: '2026-01', bytes }])
    return { ...rig, uses, relays: () => rig.network.view(2)?.relays }
  }

  test('that is used up gives no relay any more, and the relay is told why', async () => {
    const { uses, relays, causeOf, network } = await withQuota('2GiB')
    uses(2 * gib - 1)
    expect(relays()).toEqual([1])
    uses(2 * gib)
    expect(relays()).toEqual([])
    expect(network.view(1)?.serves).toEqual([])
    expect(causeOf(1)).toBe('quota used up: line 6, 2 GiB in January')
    expect(network.quotas.uses()).toMatchObject([{ used: 2 * gib, quota: 2 * gib }])
  })

  test('that is raised gives it back with the policy, and a new month by itself', async () => {
    const { uses, relays, save, causeOf } = await withQuota('1GiB')
    uses(gib)
    expect(relays()).toEqual([])
    await save(limited('2GiB'))
    expect(relays()).toEqual([1])
    uses(3 * gib)
    expect(relays()).toEqual([])
    vi.advanceTimersByTime(30 * 86_400_000)
    expect(relays()).toEqual([])
    vi.advanceTimersByTime(86_400_000)
    expect(relays()).toEqual([1])
    expect(causeOf(2)).toBe('a quota has room again')
  })

  test('that another grant stands beside ends nothing', async () => {
    const { network, connect } = await setUp(`${limited('1GiB')} ${relayGrant('"*"')}`)
    connect(1, 2)
    const [one] = network.quotas.uses()
    network.quotas.took([{ key: one?.key ?? '', month: '2026-01', bytes: gib }])
    expect(network.view(2)?.relays).toEqual([1])
  })

  test('of which little is left has its relays report each second', async () => {
    const { uses, network } = await withQuota('1GiB')
    let told = 0
    network.quotas.onNear(() => told++)
    const near = (): readonly [boolean, boolean, number] => [network.quotas.isNear(1), network.quotas.isNear(2), told]
    uses(0.5 * gib)
    expect(near()).toEqual([false, false, 0])
    uses(0.95 * gib)
    expect(near()).toEqual([true, false, 1])
    uses(gib)
    expect(near()).toEqual([false, false, 2])
    expect([network.quotas.covers(1), network.quotas.covers(2)]).toEqual([true, false])
  })

  test('stored as used up gives no relay from the start on', async () => {
    const first = await withQuota('1GiB')
    const key = first.network.quotas.uses()[0]?.key ?? ''
    const { network } = await setUp(limited('1GiB'), new Map([[key, gib]]))
    expect(network.view(2)?.relays).toEqual([])
  })
})

describe('the reason of what a change ends, as the relay is told it', () => {
  test('a grant that was removed, with its line', async () => {
    const { causeOf, save, published } = await setUp()
    published.length = 0
    await save('')
    expect(causeOf(1)).toBe('grant removed (it was on line 6)')
    expect(published.filter(({ revokes }) => revokes).map(({ nodeIds }) => nodeIds)).toEqual([[1]])
    expect(causeOf(2)).toBe('policy saved')
  })

  test('a grant that some lose and others keep', async () => {
    const { network, causeOf, save } = await setUp()
    await save(relayGrant('"100.64.0.2"'))
    expect(network.view(1)?.serves).toEqual([2])
    expect(causeOf(1)).toBe('grant removed (it was on line 6)')
  })

  test('a machine that was removed', async () => {
    const { network, bus, rows, causeOf } = await setUp()
    rows.delete(3)
    bus.publish('node.removed', { nodeId: 3, nodeKey: 'nodekey:3', cause: 'machine removed: sim-2' })
    await network.settled()
    expect(network.node(3)).toBeUndefined()
    expect(network.nodeByKey('nodekey:3')).toBeUndefined()
    expect(causeOf(1)).toBe('machine removed: sim-2')
  })

  test('a tag that changed', async () => {
    const { network, change, causeOf } = await setUp()
    await change(2, { tags: [] }, 'tag changed on sim-1')
    expect(network.view(1)?.serves).toEqual([3, 4])
    expect(causeOf(1)).toBe('tag changed on sim-1')
  })

  test('a tag that changed on the relay', async () => {
    const { change, causeOf } = await setUp()
    await change(1, { tags: [] }, 'tag changed on lock-1')
    expect(causeOf(1)).toBe('tag changed on lock-1')
  })

  test('a key that expires, by time alone', async () => {
    const { network, change, causeOf } = await setUp()
    await change(2, { keyExpiry: Date.now() + 3 * 86_400_000 }, 'key made')
    vi.advanceTimersByTime(3 * 86_400_000 - 1)
    expect(network.view(1)?.serves).toEqual([2, 3, 4])
    vi.advanceTimersByTime(1)
    expect(network.view(1)?.serves).toEqual([3, 4])
    expect(causeOf(1)).toBe('key expired: sim-1')
  })

  test('a person who left a group', async () => {
    const { network, rows, change, causeOf, bus } = await setUp(relayGrant('"group:ops"'))
    await change(2, { tags: [], owner: 'ann@example.com', ownerRole: 'viewer' }, 'tag changed on sim-1')
    expect(network.view(1)?.serves).toEqual([2])
    // Removed as a person: the machine belongs to nobody.
    rows.set(2, node(2, 'sim-1', { tags: [] }))
    bus.publish('person.changed', { id: 'ann' })
    await network.settled()
    expect(network.view(1)?.serves).toEqual([])
    expect(causeOf(1)).toBe('owner changed on sim-1')
  })

  test('two changes at once are both named', async () => {
    const { network, bus, rows, causeOf } = await setUp()
    rows.delete(3)
    rows.set(2, node(2, 'sim-1', { tags: [] }))
    bus.publish('node.changed', { nodeId: 4, cause: 'first' })
    bus.publish('node.removed', { nodeId: 3, nodeKey: 'nodekey:3', cause: 'machine removed: sim-2' })
    bus.publish('node.changed', { nodeId: 2, cause: 'tag changed on sim-1' })
    await network.settled()
    expect(causeOf(1)).toBe('tag changed on sim-1; machine removed: sim-2')
  })
})

test('a relay is told when only its settings are others, and nobody else', async () => {
  const { network, bus, rows, published } = await setUp()
  published.length = 0
  rows.set(1, node(1, 'lock-1', { kind: 'agent', tags: ['tag:relay'], relay: { ...relay, port: 40_001 } }))
  bus.publish('relay.changed', { nodeId: 1, cause: 'moved to port 40001 by Ann' })
  await network.settled()
  expect(published).toEqual([{ nodeIds: [1], cause: 'moved to port 40001 by Ann', revokes: false }])
  expect(network.relayConfig(1)?.port).toBe(40_001)
})

test('a new machine appears, its own view included', async () => {
  const { network, bus, rows, published } = await setUp()
  rows.set(5, node(5, 'sim-4'))
  bus.publish('node.changed', { nodeId: 5, cause: 'sim-4 joined' })
  await network.settled()
  expect(published.at(-1)).toEqual({ nodeIds: [1, 2, 3, 4, 5], cause: 'sim-4 joined', revokes: false })
  expect(network.nodeByKey('nodekey:5')?.name).toBe('sim-4')
})

test('what a database that was down kept back comes in later, all of it', async () => {
  const { network, bus, rows, errors, setDown } = await setUp()
  setDown(true)
  rows.delete(3)
  bus.publish('node.removed', { nodeId: 3, nodeKey: 'nodekey:3', cause: '' })
  await vi.advanceTimersByTimeAsync(50)
  rows.delete(4)
  bus.publish('node.removed', { nodeId: 4, nodeKey: 'nodekey:4', cause: '' })
  await vi.advanceTimersByTimeAsync(1000)
  expect(errors.length).toBeGreaterThan(1)
  expect(network.node(3)).toBeDefined()
  setDown(false)
  await vi.advanceTimersByTimeAsync(2000)
  await network.settled()
  expect([network.node(3), network.node(4)]).toEqual([undefined, undefined])
})

test('another DERP region reaches every view', async () => {
  const { network, published } = await setUp()
  published.length = 0
  network.setDerpRegions([{ id: 900, code: 'home', name: 'Home', nodes: [{ name: '900a', host: '192.0.2.1', derpPort: 3443, stunPort: 3478, pins: ['sha256-raw:00'] }] }], 'the certificate was renewed')
  expect(published).toEqual([{ nodeIds: [1, 2, 3, 4], cause: 'the certificate was renewed', revokes: false }])
  expect(network.view(4)?.derpRegions[0]?.code).toBe('home')
})

test('nothing is left running when it is disposed of', async () => {
  const { network, bus, connect, published } = await setUp()
  connect(1)
  bus.publish('node.presence', { nodeId: 1, online: false })
  network.dispose()
  published.length = 0
  expect(vi.getTimerCount()).toBe(0)
  bus.publish('policy.changed', { version: 2, cause: '' })
  await network.settled()
  expect(published).toEqual([])
})

test('a thousand that come back in one moment are one change', async () => {
  const { bus, connect, published } = await setUp()
  connect(1)
  published.length = 0
  for (const nodeId of [2, 3, 4]) bus.publish('node.presence', { nodeId, online: true })
  expect(published).toEqual([])
  vi.advanceTimersByTime(100)
  expect(published).toEqual([{ nodeIds: [1, 2, 3, 4], cause: 'sim-1 is connected; sim-2 is connected; sim-3 is connected', revokes: false }])
})
