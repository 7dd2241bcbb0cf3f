import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CompiledPolicy, compilePolicy, defaultPolicy, parsePolicy } from '../policy/index.ts'
import { applyDiff, createNetmap, defaultNames, diffViews, type NetNode, type Network, sessionStands, viewFor } from './index.ts'
import { plainFacts } from './testing.ts'

const now = 1_000_000

function compile(text: string): CompiledPolicy {
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join('\n'))
  return compilePolicy(parsed.policy)
}

function machine(id: number, name: string, more: Partial<NetNode> = {}): NetNode {
  return {
    id, name, stableId: `n${id}`, kind: 'client', nodeKey: `nodekey:${id}`, discoKey: `discokey:${id}`,
    addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::10${id}`], endpoints: [], homeDerp: 1, capVersion: 130, routes: [], facts: plainFacts(id), tags: [],
    authorized: true, online: true, relayUp: false, ...more,
  }
}

const ann = machine(1, 'a1', { owner: 'ann@example.com' })
const bob = machine(2, 'b1', { owner: 'bob@example.com' })
const relay = machine(9, 'r1', { tags: ['tag:relay'], kind: 'agent', relayUp: true })

function network(policy: string, nodes: readonly NetNode[] = [ann, bob, relay]): Network {
  return { nodes, policy: compile(policy), derpRegions: [], names: defaultNames, now }
}

function relayPolicy(clients: string): string {
  return `{"tagOwners": {"tag:relay": []}, "groups": {"group:ops": ["ann@example.com"]}, "grants": [
    {"src": ["${clients}"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{"maxSessions": 20}]}}]}`
}

test('a relay and who may use it are peers by the grant alone, each with its half of the rules', () => {
  const net = network(relayPolicy('ann@example.com'))
  expect(viewFor(1, net)).toEqual({
    self: ann, peers: [relay], relays: [9], serves: [], sessionPeers: [], derpRegions: [], names: defaultNames,
    packetFilter: [{
      SrcIPs: ['100.64.1.9', 'fd7a:115c:a1e0::109'],
      CapGrant: [{ Dsts: ['100.64.1.1/32', 'fd7a:115c:a1e0::101/128'], CapMap: { 'tailscale.com/cap/relay-target': null } }],
    }],
  })
  expect(viewFor(9, net)).toEqual({
    self: relay, peers: [ann], relays: [], serves: [1], derpRegions: [], names: defaultNames,
    sessionPeers: [ann, bob].map(({ id, name, nodeKey, discoKey }) => ({ id, name, nodeKey, discoKey })),
    packetFilter: [{
      SrcIPs: ['100.64.1.1', 'fd7a:115c:a1e0::101'],
      CapGrant: [{ Dsts: ['100.64.1.9/32', 'fd7a:115c:a1e0::109/128'], CapMap: { 'tailscale.com/cap/relay': [{ maxSessions: 20 }] } }],
    }],
  })
  expect(viewFor(2, net)).toMatchObject({ peers: [], packetFilter: [], relays: [] })
})

test('a relay that is not up is not named to clients, but still knows whom it may serve', () => {
  const off = { ...relay, relayUp: false }
  const net = network(relayPolicy('ann@example.com'), [ann, bob, off])
  expect(viewFor(1, net)).toMatchObject({ peers: [off], relays: [], packetFilter: [] })
  expect(viewFor(9, net)).toMatchObject({ peers: [ann], serves: [1] })
})

test('the first policy: one port rule from the whole network, and the relay rules', () => {
  const view = viewFor(1, network(defaultPolicy()))
  expect(view?.peers.map((peer) => peer.id)).toEqual([2, 9])
  expect(view?.packetFilter[0]).toEqual({
    SrcIPs: ['100.64.0.0-100.115.91.255', '100.115.94.0-100.127.255.255', 'fd7a:115c:a1e0::/48'],
    DstPorts: [{ IP: '*', Ports: { First: 0, Last: 65535 } }],
  })
})

test('destinations are written as they are in the grant, identities as the addresses of the node', () => {
  const net = network(`{"grants": [
    {"src": ["bob@example.com"], "dst": ["ann@example.com"], "ip": ["tcp:22", "udp:*"]},
    {"src": ["192.0.2.0/24"], "dst": ["100.64.0.0/16"], "ip": ["80-90"]}]}`)
  expect(viewFor(1, net)?.packetFilter).toEqual([
    { SrcIPs: ['192.0.2.0/24'], DstPorts: [{ IP: '100.64.0.0/16', Ports: { First: 80, Last: 90 } }] },
    { SrcIPs: ['100.64.1.2', 'fd7a:115c:a1e0::102'], IPProto: [17], DstPorts: [
      { IP: '100.64.1.1', Ports: { First: 0, Last: 65535 } }, { IP: 'fd7a:115c:a1e0::101', Ports: { First: 0, Last: 65535 } }] },
    { SrcIPs: ['100.64.1.2', 'fd7a:115c:a1e0::102'], IPProto: [6], DstPorts: [
      { IP: '100.64.1.1', Ports: { First: 22, Last: 22 } }, { IP: 'fd7a:115c:a1e0::101', Ports: { First: 22, Last: 22 } }] },
  ])
})

test('a node that is expired or not approved is nobody\'s peer and sees only itself', () => {
  for (const broken of [{ ...bob, keyExpiry: now }, { ...bob, authorized: false }]) {
    const net = network(defaultPolicy(), [ann, broken, relay])
    expect(viewFor(1, net)?.peers.map((peer) => peer.id)).toEqual([9])
    expect(viewFor(9, net)?.serves).toEqual([1])
    expect(viewFor(2, net)).toMatchObject({ self: broken, peers: [], packetFilter: [], relays: [] })
  }
  expect(viewFor(7, network('{}'))).toBeUndefined()
})

test('a node without a disco key sees the network, and others hear of it once it has one, in one change', () => {
  const open = compile('{"groups": {"group:all": ["ann@example.com", "bob@example.com"]}, "grants": [{"src": ["group:all"], "dst": ["group:all"], "ip": ["*"]}]}')
  const fresh = { ...bob, discoKey: `discokey:${'0'.repeat(64)}` }
  const netmap = createNetmap({ nodes: [ann], policy: open, derpRegions: [], names: defaultNames, now })
  expect(netmap.setNodes([ann, fresh])).toEqual([2])
  expect(netmap.view(2)).toMatchObject({ peers: [ann], packetFilter: [{ SrcIPs: ann.addresses }] })
  expect(netmap.setNodes([ann, bob])).toEqual([1, 2])
  expect(netmap.view(1)).toMatchObject({ peers: [bob], packetFilter: [{ SrcIPs: [ann.addresses[0], bob.addresses[0], ann.addresses[1], bob.addresses[1]] }] })
})

test('a session stands while one end is granted, and ends with the reason', () => {
  const before = network(relayPolicy('ann@example.com'))
  expect(sessionStands(before, 9, 1, 2)).toEqual({ stands: true })
  expect(sessionStands(before, 9, 2, 1)).toEqual({ stands: true })
  const plain = 'no grant lets a1 or b1 use r1'
  expect(sessionStands(network('{"grants": []}'), 9, 1, 2)).toEqual({ stands: false, reason: plain })
  expect(sessionStands(network('{"grants": []}'), 9, 1, 2, before)).toEqual({ stands: false, reason: `grant removed (it was on line 2): ${plain}` })
  const byGroup = network(relayPolicy('group:ops'))
  const emptied = network(relayPolicy('group:ops').replace('["ann@example.com"]', '[]'))
  expect(sessionStands(emptied, 9, 1, 2, byGroup)).toEqual({ stands: false, reason: `group changed (group:ops): ${plain}` })
  const tagged = { ...before, nodes: [{ ...ann, tags: ['tag:relay'] }, bob, relay] }
  expect(sessionStands(tagged, 9, 1, 2, before)).toEqual({ stands: false, reason: `tag changed on a1: ${plain}` })
  expect(sessionStands({ ...before, nodes: [ann, relay] }, 9, 1, 2, before)).toEqual({ stands: false, reason: 'machine removed: b1' })
  expect(sessionStands({ ...before, nodes: [ann, { ...bob, keyExpiry: now - 1 }, relay] }, 9, 1, 2)).toEqual({ stands: false, reason: 'key expired: b1' })
})

test('only the nodes whose view changed are told', () => {
  const map = createNetmap(network(relayPolicy('ann@example.com')))
  const quiet = map.view(2)
  expect(map.upsert({ ...relay, relayUp: false })).toEqual([1, 9])
  expect(map.view(2)).toBe(quiet)
  expect(map.upsert({ ...relay, relayUp: false })).toEqual([])
  expect(map.setPolicy(compile(relayPolicy('bob@example.com')))).toEqual([1, 2, 9])
  expect(map.upsert({ ...bob, keyExpiry: now + 5 })).toEqual([2, 9])
  expect(map.nextExpiry()).toBe(now + 5)
  expect(map.setTime(now + 4)).toEqual([])
  expect(map.setTime(now + 5)).toEqual([2, 9])
  // It was already nobody's peer.
  expect(map.remove(2)).toEqual([])
  expect(map.view(2)).toBeUndefined()
})

const anyNode = fc.record({
  id: fc.integer({ min: 1, max: 6 }),
  tags: fc.subarray(['tag:relay', 'tag:server']),
  owner: fc.constantFrom('ann@example.com', 'bob@example.com'),
  relayUp: fc.boolean(),
  authorized: fc.boolean(),
  expired: fc.boolean(),
  // Most machines route nothing.
  routes: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.subarray(['0.0.0.0/0', '10.1.0.0/16', '10.2.0.0/16', '::/0'])),
  online: fc.boolean(),
  gone: fc.boolean(),
}).map(({ id, expired, gone, ...rest }) => machine(id, `m${id}`, { ...rest, ...(expired ? { keyExpiry: now - 1 } : {}), ...(gone ? { gone: true } : {}) }))
const selectors = fc.constantFrom('*', 'ann@example.com', 'tag:relay', 'tag:server', 'autogroup:member', '100.64.1.0/30', 'fd7a:115c:a1e0::101', '10.1.0.0/16', '10.0.0.0/8')
const sides = fc.array(selectors, { maxLength: 2 })
const gives = fc.constantFrom({ ip: ['*'] }, { ip: ['tcp:1-9'] }, { app: { 'tailscale.com/cap/relay': [] } })
const grants = fc.array(fc.tuple(sides, sides, gives).map(([src, dst, given]) => ({ src, dst, ...given })), { maxLength: 5 })

function policyOf(list: readonly object[]): CompiledPolicy {
  return compile(JSON.stringify({ tagOwners: { 'tag:relay': [], 'tag:server': [] }, grants: list }))
}

test('one step after the other leads where all at once leads, and differences rebuild the view', () => {
  const steps = fc.array(fc.oneof(
    { weight: 6, arbitrary: anyNode.map((node) => ({ node })) }, grants.map((list) => ({ list })), fc.integer({ min: 1, max: 6 }).map((gone) => ({ gone })),
  ), { maxLength: 20, size: 'max' })
  fc.assert(fc.property(steps, (list) => {
    const map = createNetmap({ nodes: [], policy: policyOf([{ src: ['*'], dst: ['*'], ip: ['*'] }]), derpRegions: [], names: defaultNames, now })
    for (const step of list) {
      const before = new Map([1, 2, 3, 4, 5, 6].map((id) => [id, map.view(id)]))
      const changed = 'node' in step ? map.upsert(step.node) : 'list' in step ? map.setPolicy(policyOf(step.list)) : map.remove(step.gone)
      for (const [id, was] of before) {
        const is = map.view(id)
        expect(is).toEqual(viewFor(id, map.network()))
        if (is === undefined) continue
        expect(changed.includes(id)).toBe(was === undefined || diffViews(was, is) !== undefined)
        const diff = was === undefined ? undefined : diffViews(was, is)
        expect(was === undefined || diff === undefined ? is : applyDiff(was, diff)).toEqual(is)
      }
    }
  }))
})

test('peers see each other, what a client may use serves it, and the order of grants sends nothing', () => {
  fc.assert(fc.property(fc.uniqueArray(anyNode, { selector: (node) => node.id }), grants, (nodes, list) => {
    const net: Network = { nodes, policy: policyOf(list), derpRegions: [], names: defaultNames, now }
    const views = nodes.flatMap((node) => viewFor(node.id, net) ?? [])
    for (const view of views) {
      for (const peer of view.peers) expect(views.find((other) => other.self.id === peer.id)?.peers.map(({ id }) => id)).toContain(view.self.id)
      for (const id of view.relays) expect(views.find((other) => other.self.id === id)?.serves).toContain(view.self.id)
      for (const id of [...view.relays, ...view.serves]) expect(view.peers.map((peer) => peer.id)).toContain(id)
      const routed = view.peers.flatMap(({ routes }) => routes.filter((route) => !route.endsWith('/0')))
      // Of one prefix one router is told, and what is told is of peers alone.
      expect(new Set(routed).size).toBe(routed.length)
      const reordered = viewFor(view.self.id, { ...net, nodes: nodes.toReversed(), policy: policyOf(list.toReversed()) })
      expect(reordered).toEqual(view)
    }
  }))
})
