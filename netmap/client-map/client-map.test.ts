import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compilePolicy, defaultPolicy, parsePolicy, type CompiledPolicy } from '../../policy/index.ts'
import { mapResponseSchema, zeroKey, type MapResponse } from '../../protocol/tailcfg/index.ts'
import { createNetmap, defaultNames, type NetNode, type Network, type NodeView, viewFor } from '../index.ts'
import { plainFacts } from '../testing.ts'
import { mapDelta } from './delta.ts'
import { chunksOf } from './filters.ts'
import { firstMap, freshMap } from './first-map.ts'
import { goodbye } from './goodbye.ts'
import { ModelClient } from './testing.ts'
import { messagesFor, type Told } from './told.ts'

const now = 1_700_000_000_000
const key = (kind: string, id: number): string => `${kind}:${id.toString(16).padStart(64, '0')}`

function compile(grants: readonly object[]): CompiledPolicy {
  const parsed = parsePolicy(JSON.stringify({ tagOwners: { 'tag:relay': [], 'tag:server': [] }, grants }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return compilePolicy(parsed.policy)
}
const relayGrant = { src: ['*'], dst: ['tag:relay'], app: { 'tailscale.com/cap/relay': [] } }
const everything = { src: ['*'], dst: ['*'], ip: ['*'] }

function machine(id: number, more: Partial<NetNode> = {}): NetNode {
  return {
    id, name: `m${id}`, stableId: `n${id}`, kind: 'client', nodeKey: key('nodekey', id), discoKey: key('discokey', id),
    addresses: [`100.64.${id >> 8}.${id & 255}`, `fd7a:115c:a1e0::${(id + 4096).toString(16)}`], endpoints: [`192.0.2.1:${id}`], homeDerp: 900, capVersion: 142,
    routes: [], facts: plainFacts(id), tags: [], authorized: true, online: true, relayUp: false, ...more,
  }
}

function network(nodes: readonly NetNode[], grants: readonly object[] = [everything], more: Partial<Network> = {}): Network {
  return { nodes, policy: compile(grants), derpRegions: [], names: defaultNames, now, ...more }
}

function toldOf(view: NodeView | undefined): Told {
  if (view === undefined) throw new Error('there is no such node')
  return { view, messages: messagesFor(view, '') }
}
const told = (id: number, net: Network): Told => toldOf(viewFor(id, net))

/** Through the schema that a client's own parser is held against, and back. */
function sent(message: MapResponse | undefined): MapResponse {
  return mapResponseSchema.parse(JSON.parse(JSON.stringify(message)))
}

/** What the first client is told when the network changes. */
function delta(before: readonly NetNode[], after: readonly NetNode[], grants?: readonly object[]): MapResponse | undefined {
  const message = mapDelta(told(1, network(before, grants)), told(1, network(after, grants)), now)
  return message && sent(message)
}

const [me, peer] = [machine(1), machine(2)]

describe('the first map', () => {
  test('is complete', () => {
    const relay = machine(9, { kind: 'agent', tags: ['tag:relay'], relayUp: true, capVersion: 145 })
    const map = sent(firstMap(told(1, network([me, machine(3), peer, relay], [everything, relayGrant])), now))
    expect(map.Node).toMatchObject({ ID: 1, Name: 'm1.towpath.internal.', MachineAuthorized: true, Machine: key('mkey', 1), CapMap: { 'cache-network-maps': null, 'disable-captive-portal-detection': null } })
    expect(map.Node).not.toHaveProperty('Endpoints')
    expect(map.Peers?.map(({ ID }) => ID)).toEqual([2, 3, 9])
    expect(map.Peers?.[0]).toEqual({
      ID: 2, StableID: 'n2', Name: 'm2.towpath.internal.', User: 2_147_483_647, Key: peer.nodeKey, DiscoKey: peer.discoKey,
      Addresses: ['100.64.0.2/32', 'fd7a:115c:a1e0::1002/128'], AllowedIPs: ['100.64.0.2/32', 'fd7a:115c:a1e0::1002/128'],
      Endpoints: ['192.0.2.1:2'], HomeDERP: 900, Hostinfo: { Hostname: 'host-2', OS: 'linux' }, Created: '1970-01-01T00:00:00.000Z', Cap: 142, Online: true, MachineAuthorized: true,
    })
    expect(map.PacketFilters?.['relay']).toEqual([{ SrcIPs: ['100.64.0.9', 'fd7a:115c:a1e0::1009'], CapGrant: [{ Dsts: ['100.64.0.1/32', 'fd7a:115c:a1e0::1001/128'], CapMap: { 'tailscale.com/cap/relay-target': null } }] }])
    expect(map).toMatchObject({
      Domain: 'towpath.internal', DNSConfig: { Proxied: true }, Debug: { DisableLogTail: true }, ControlTime: '2023-11-14T22:13:20.000Z',
      DERPMap: { omitDefaultRegions: true }, UserProfiles: [{ ID: 2_147_483_647, LoginName: 'tagged-devices', DisplayName: 'Tagged Devices' }],
    })
  })

  test('of one that waits for approval has no peers and lets nothing in, and says so; approval brings all in the same stream', () => {
    const waiting = network([{ ...me, authorized: false }, peer])
    const map = sent(firstMap(told(1, waiting), now))
    expect(map).toMatchObject({ Peers: [], PacketFilters: { base: [] }, DisplayMessages: { 'towpath-approval': { Severity: 'high' } } })
    expect(map.Node).not.toHaveProperty('MachineAuthorized')
    const approved = sent(mapDelta(told(1, waiting), told(1, network([me, peer])), now))
    expect(approved).toMatchObject({ Node: { MachineAuthorized: true }, PeersChanged: [{ ID: 2 }], DisplayMessages: { 'towpath-approval': null } })
    expect(Object.keys(approved.PacketFilters ?? {})).toEqual(['base'])
  })

  test('routes are allowed, and those that are subnets are said to be carried; attributes reach the node itself alone', () => {
    const router = machine(2, { routes: ['0.0.0.0/0', '10.1.0.0/16', '::/0'], attributes: ['disable-relay-server'] })
    const map = firstMap(told(1, network([me, router], [{ src: ['*'], dst: ['*', '10.1.0.0/16', 'autogroup:internet'], ip: ['*'] }])), now)
    expect(map.Peers?.[0]).toMatchObject({ PrimaryRoutes: ['10.1.0.0/16'] })
    expect(map.Peers?.[0]?.AllowedIPs.slice(2)).toEqual(['0.0.0.0/0', '10.1.0.0/16', '::/0'])
    expect(map.Peers?.[0]).not.toHaveProperty('CapMap')
    expect(firstMap(told(2, network([me, router])), now).Node?.CapMap).toHaveProperty('disable-relay-server')
  })
})

describe('a difference', () => {
  test.each([
    ['nothing', {}, undefined],
    ['endpoints', { endpoints: ['192.0.2.9:9'] }, [{ NodeID: 2, Endpoints: ['192.0.2.9:9'] }]],
    ['no endpoints', { endpoints: [] }, [{ NodeID: 2, Endpoints: [] }]],
    ['a home', { homeDerp: 901 }, [{ NodeID: 2, DERPRegion: 901 }]],
    ['gone', { online: false, lastSeen: now }, [{ NodeID: 2, Online: false, LastSeen: '2023-11-14T22:13:20.000Z' }]],
    ['a version', { capVersion: 143 }, [{ NodeID: 2, Cap: 143 }]],
    ['an expiry', { keyExpiry: now + 1000 }, [{ NodeID: 2, KeyExpiry: '2023-11-14T22:13:21.000Z' }]],
    ['a disco key', { discoKey: key('discokey', 77) }, [{ NodeID: 2, DiscoKey: key('discokey', 77), Online: true }]],
    // Said to be offline, a client would drop the key (trap 20).
    ['a disco key of one that is away', { discoKey: key('discokey', 77), online: false, lastSeen: now }, [
      { NodeID: 2, DiscoKey: key('discokey', 77), Online: true }, { NodeID: 2, Online: false, LastSeen: '2023-11-14T22:13:20.000Z' }]],
    // A region alone does not reach the client's list of relays (trap 26).
    ['the home of a relay', { homeDerp: 901, kind: 'agent' }, [{ NodeID: 2, DERPRegion: 901, Cap: 142 }], { kind: 'agent' }],
    ['the home of a stock relay', { homeDerp: 901, facts: { ...plainFacts(2), peerRelay: true } }, [{ NodeID: 2, DERPRegion: 901, Cap: 142 }], { facts: { ...plainFacts(2), peerRelay: true } }],
  ] as const)('%s: what can be said in part is', (_, after, patch, before: Partial<NetNode> = {}) => {
    expect(delta([me, { ...peer, ...before }], [me, { ...peer, ...after }])).toEqual(patch && { PeersChangedPatch: patch })
  })

  test.each<[string, Partial<NetNode>]>([
    ['name', { name: 'other' }], ['tags', { tags: ['tag:server'] }], ['node key', { nodeKey: key('nodekey', 99) }], ['a home that is unknown again', { homeDerp: 0 }],
    ['where the peer API listens', { facts: { ...plainFacts(2), services: [{ Proto: 'peerapi4', Port: 1 }] } }],
  ])('%s: the whole node (trap 27)', (_, change) => {
    const message = delta([me, peer], [me, { ...peer, ...change }])
    expect(message?.PeersChanged?.map(({ ID }) => ID)).toEqual([2])
    expect(message).not.toHaveProperty('PeersChangedPatch')
  })

  test('a peer is announced with its disco key, and its person with it; the last one is removed by name (traps 6 and 7)', () => {
    const user = { id: 5, loginName: 'ann@example.com', displayName: 'Ann' }
    const hers = { ...peer, facts: { ...plainFacts(2), user } }
    const silent = { ...hers, discoKey: zeroKey('discokey') }
    expect(delta([me], [me, silent])).toBeUndefined()
    expect(firstMap(told(1, network([me, silent])), now)).toMatchObject({ Peers: [], UserProfiles: [{ ID: 2_147_483_647 }] })
    expect(delta([me, silent], [me, hers])).toEqual({ PeersChanged: [expect.objectContaining({ ID: 2, User: 5 })], UserProfiles: [{ ID: 5, LoginName: 'ann@example.com', DisplayName: 'Ann' }], Domain: 'towpath.internal' })
    expect(delta([me, hers], [me, hers, { ...machine(3), facts: { ...plainFacts(3), user } }])).not.toHaveProperty('UserProfiles')
    expect(delta([me, hers], [me])).toEqual({ PeersRemoved: [2] })
    expect(delta([me, hers], [me, silent])).toEqual({ PeersRemoved: [2] })
  })

  test('what a node says of itself is not sent back to it', () => {
    expect(delta([me, peer], [{ ...me, endpoints: ['192.0.2.9:9'], online: false, lastSeen: 5 }, peer])).toBeUndefined()
    expect(Object.keys(delta([me, peer], [{ ...me, name: 'other' }, peer]) ?? {})).toEqual(['Node'])
  })

  test('a relay that is switched off takes its rule alone away', () => {
    const relay = machine(9, { kind: 'agent', tags: ['tag:relay'], relayUp: true })
    expect(delta([me, peer, relay], [me, peer, { ...relay, relayUp: false }], [everything, relayGrant])).toEqual({ PacketFilters: { relay: null } })
  })

  test('one machine more in a long list of sources sends a part of it', () => {
    const many = Array.from({ length: 200 }, (_, i) => machine(i + 2))
    const grants = [{ src: ['autogroup:member'], dst: ['*'], ip: ['*'] }]
    const message = delta([me, ...many], [me, ...many, machine(300)], grants)
    expect(message?.PeersChanged).toHaveLength(1)
    const changed = Object.values(message?.PacketFilters ?? {})
    // One for each of its two addresses.
    expect(changed.length).toBeLessThanOrEqual(2)
    expect(Math.max(...changed.map((rules) => rules?.[0]?.SrcIPs.length ?? 0))).toBeLessThan(60)
    const all = viewFor(1, network([me, ...many], grants))?.packetFilter ?? []
    const sources = Object.values(chunksOf(all)).flat().flatMap(({ SrcIPs }) => SrcIPs)
    expect(sources.toSorted()).toEqual(all.flatMap(({ SrcIPs }) => SrcIPs).toSorted())
  })

  test('when most peers are others, or all names are, all of it is sent', () => {
    const many = Array.from({ length: 100 }, (_, i) => machine(i + 2))
    const renamed = many.map((node) => ({ ...node, name: `x${node.id}` }))
    const message = delta([me, ...many], [me, ...renamed])
    expect(message?.Peers).toHaveLength(100)
    expect(message).not.toHaveProperty('PeersChanged')
    const moved = mapDelta(told(1, network([me, peer])), told(1, network([me, peer], [everything], { names: { ...defaultNames, domain: 'net.example' } })), now)
    expect(sent(moved)).toMatchObject({ Domain: 'net.example', Peers: [{ Name: 'm2.net.example.' }], PacketFilters: { '*': null } })
  })

  test('a removed node is told to log in, and has nobody', () => {
    const client = new ModelClient()
    const last = told(1, network([me, peer]))
    client.apply(sent(firstMap(last, now)))
    client.apply(sent(goodbye(last, now)))
    expect(client.node?.KeyExpiry).toBe('2023-11-14T22:12:20.000Z')
    expect(client.peers.size + client.filters.size).toBe(0)
  })
})

const anyNode = fc.record({
  id: fc.integer({ min: 1, max: 6 }), tags: fc.subarray(['tag:relay', 'tag:server']), owner: fc.constantFrom('ann@example.com', 'bob@example.com'),
  relayUp: fc.boolean(), authorized: fc.boolean(), online: fc.boolean(), lastSeen: fc.integer({ min: now - 3, max: now }), name: fc.constantFrom('a', 'b'),
  homeDerp: fc.integer({ min: 0, max: 2 }), capVersion: fc.integer({ min: 141, max: 142 }), endpoints: fc.subarray(['192.0.2.1:1', '192.0.2.2:2']),
  disco: fc.integer({ min: 0, max: 2 }), keyExpiry: fc.constantFrom(undefined, now - 1, now + 1000), port: fc.integer({ min: 1, max: 2 }), user: fc.integer({ min: 1, max: 2 }),
  kind: fc.constantFrom('agent' as const, 'client' as const), routes: fc.subarray(['10.1.0.0/16', '0.0.0.0/0', '::/0']),
}).map(({ id, disco, keyExpiry, port, user, name, lastSeen, ...rest }) => machine(id, {
  ...rest, name: `${name}${id}`, discoKey: key('discokey', disco), ...(keyExpiry !== undefined && { keyExpiry }), ...(!rest.online && { lastSeen }),
  facts: { ...plainFacts(id), services: [{ Proto: 'peerapi4', Port: port }], user: { id: user, loginName: `${user}@example.com`, displayName: `${user}` } },
}))
const selectors = fc.constantFrom('*', 'ann@example.com', 'tag:relay', 'tag:server', 'autogroup:member', '100.64.0.0/30')
const sides = fc.array(selectors, { maxLength: 2 })
const gives = fc.constantFrom({ ip: ['*'] }, { ip: ['tcp:1-9'] }, { app: { 'tailscale.com/cap/relay': [] } })
const grantLists = fc.array(fc.tuple(sides, sides, gives).map(([src, dst, given]) => ({ src, dst, ...given })), { maxLength: 4 })
const step = fc.oneof(
  { weight: 6, arbitrary: anyNode.map((node) => ({ node })) }, grantLists.map((grants) => ({ grants })),
  fc.integer({ min: 1, max: 6 }).map((gone) => ({ gone })), fc.constantFrom('net.example', 'towpath.internal').map((domain) => ({ domain })),
)

test('whatever happens, the differences lead each client where a first map would, and each change is sent once', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 15 }), fc.array(fc.boolean(), { minLength: 15, maxLength: 15 }), (steps, isTaken) => {
    const map = createNetmap(network([], []))
    const clients = new Map<number, { readonly model: ModelClient; told: Told }>()
    for (const [i, one] of [...steps, { gone: 0 }].entries()) {
      if ('node' in one) map.upsert(one.node)
      else if ('grants' in one) map.setPolicy(compile(one.grants))
      else if ('gone' in one) map.remove(one.gone)
      else map.setNames({ ...defaultNames, domain: one.domain })
      // A slow client takes several changes at once.
      if (isTaken[i] === false) continue
      for (let id = 1; id <= 6; id++) {
        const view = map.view(id)
        if (view === undefined) {
          clients.delete(id)
          continue
        }
        const next = toldOf(view)
        const known = clients.get(id)
        const model = known?.model ?? new ModelClient()
        const message = known === undefined ? firstMap(next, now) : mapDelta(known.told, next, now)
        if (message !== undefined) model.apply(sent(message))
        clients.set(id, { model, told: next })
        const whole = new ModelClient()
        whole.apply(sent(firstMap(next, now)))
        expect(model.state).toEqual(whole.state)
        // Nothing is left to say.
        expect(mapDelta(next, toldOf(map.view(id)), now)).toBeUndefined()
        if (known !== undefined) model.apply(sent(freshMap(next, known.told, now)))
        expect(model.state).toEqual(whole.state)
      }
    }
  }), { numRuns: 300 })
})

test('the first policy fits', () => {
  const parsed = parsePolicy(defaultPolicy())
  expect(parsed.ok && sent(firstMap(told(1, network([me, peer], [], { policy: compilePolicy(parsed.policy) })), now)).Peers).toHaveLength(1)
})
