import { expect, test } from 'vitest'
import { compilePolicy, exitRoutes, parsePolicy, subjectOf } from '../policy/index.ts'
import { createNetmap, defaultNames, mapDelta, type NetNode, type Netmap, type NodeView, viewFor, wirePeer, wireSelf } from './index.ts'
import { plainFacts } from './testing.ts'

const domain = defaultNames.domain

function machine(id: number, more: Partial<NetNode> = {}): NetNode {
  return {
    id, name: `m${id}`, stableId: `n${id}`, kind: 'client', nodeKey: `nodekey:${id}`, discoKey: `discokey:${id}`,
    addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::10${id}`], endpoints: [], homeDerp: 1, capVersion: 130, routes: [], facts: plainFacts(id), tags: [],
    authorized: true, online: true, relayUp: false, owner: 'ann@example.com', ...more,
  }
}

function compiled(document: object) {
  const parsed = parsePolicy(JSON.stringify({ tagOwners: { 'tag:six': [], 'tag:exit': [] }, grants: [{ src: ['*'], dst: ['*'], ip: ['*'] }], ...document }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return compilePolicy(parsed.policy)
}

const mapOf = (nodes: readonly NetNode[], document: object): Netmap => createNetmap({ nodes, policy: compiled(document), derpRegions: [], names: defaultNames, now: 1 })

function shown(view: NodeView | undefined) {
  if (view === undefined) throw new Error('there is no such node')
  return { self: wireSelf(view.self, domain), peers: view.peers.map((peer) => wirePeer(peer, domain)) }
}
const capsOf = (map: Netmap, id: number): string[] => Object.keys(shown(map.view(id)).self.CapMap ?? {})
const ours = ['cache-network-maps', 'disable-captive-portal-detection']
const six = { nodeAttrs: [{ target: ['tag:six'], attr: ['disable-ipv4'] }] }

test('a machine is told what the policy gives it, what its own settings do, and what all are told', () => {
  const nodes = [machine(1, { attributes: ['disable-relay-server'] }), machine(2, { tags: ['tag:six'] })]
  const map = mapOf(nodes, { randomizeClientPort: true, nodeAttrs: [{ target: ['autogroup:member'], attr: ['drive:share', 'nextdns:abc123', 'cache-network-maps'] }, { target: ['100.64.1.2'], attr: ['silent-disco'] }] })
  expect(capsOf(map, 1)).toEqual([...ours, 'disable-relay-server', 'drive:share', 'nextdns:abc123', 'randomize-client-port'])
  expect(capsOf(map, 2)).toEqual([...ours, 'randomize-client-port', 'silent-disco'])
  // None of it is others' to know.
  expect(shown(map.view(2)).peers.map(({ CapMap }) => CapMap)).toEqual([undefined])
})

test('funnel, what comes with it, and tailnet lock are told to nobody', () => {
  const names = ['funnel', 'https://tailscale.com/cap/funnel', 'https://tailscale.com/cap/tailnet-lock', 'https://tailscale.com/cap/file-sharing', 'funnel-like']
  const map = mapOf([machine(1)], { nodeAttrs: [{ target: ['*'], attr: names }] })
  expect(capsOf(map, 1)).toEqual([...ours, 'funnel-like', 'https://tailscale.com/cap/file-sharing'])
})

test('without IPv4 a machine is told without it, to itself and to others, and sees nobody’s; routes and rules stay', () => {
  const [plain, router] = [machine(1), machine(3, { tags: ['tag:six'], routes: ['10.9.0.0/16'] })]
  const nodes = [plain, machine(2, { tags: ['tag:six'] }), router]
  const map = mapOf(nodes, six)
  const [seen, own] = [shown(map.view(1)), shown(map.view(2))]
  expect(seen.self.Addresses).toEqual(['100.64.1.1/32', 'fd7a:115c:a1e0::101/128'])
  expect(seen.peers.map(({ Addresses, AllowedIPs }) => [Addresses, AllowedIPs])).toEqual([
    [['fd7a:115c:a1e0::102/128'], ['fd7a:115c:a1e0::102/128']],
    [['fd7a:115c:a1e0::103/128'], ['fd7a:115c:a1e0::103/128', '10.9.0.0/16']],
  ])
  expect([own.self.Addresses, own.self.AllowedIPs, Object.keys(own.self.CapMap ?? {})]).toEqual([['fd7a:115c:a1e0::102/128'], ['fd7a:115c:a1e0::102/128'], [...ours, 'disable-ipv4']])
  expect(own.peers.map(({ Addresses }) => Addresses)).toEqual([['fd7a:115c:a1e0::101/128'], ['fd7a:115c:a1e0::103/128']])
  expect(own.peers[1]?.AllowedIPs).toContain('10.9.0.0/16')
  const without = mapOf(nodes, {})
  expect([1, 2, 3].map((id) => map.view(id)?.packetFilter)).toEqual([1, 2, 3].map((id) => without.view(id)?.packetFilter))
})

test('the setting for all is the attribute on each', () => {
  const map = mapOf([machine(1), machine(2)], { disableIPv4: true })
  expect([1, 2].map((id) => shown(map.view(id)).self.Addresses)).toEqual([['fd7a:115c:a1e0::101/128'], ['fd7a:115c:a1e0::102/128']])
  expect(shown(map.view(1)).peers[0]?.AllowedIPs).toEqual(['fd7a:115c:a1e0::102/128'])
})

test('others are told that an exit node is suggested, while it is one', () => {
  const exit = machine(2, { tags: ['tag:exit'], routes: exitRoutes })
  const map = mapOf([machine(1), exit, machine(3, { tags: ['tag:exit'] })], { nodeAttrs: [{ target: ['tag:exit'], attr: ['suggest-exit-node', 'silent-disco'] }] })
  const suggested = () => shown(map.view(1)).peers.map(({ CapMap }) => CapMap)
  expect(suggested()).toEqual([{ 'suggest-exit-node': null }, undefined])
  expect([2, 3].map((id) => capsOf(map, id).includes('suggest-exit-node'))).toEqual([true, true])
  map.upsert({ ...exit, routes: [] })
  expect(suggested()).toEqual([undefined, undefined])
})

test('a change of tag or policy is told: to the machine itself and to those who see it', () => {
  const [one, two] = [machine(1), machine(2)]
  const map = mapOf([one, two], six)
  const told = (id: number) => {
    const view = map.view(id)
    if (view === undefined) throw new Error('there is no such node')
    return { view, messages: {} }
  }
  const before = { one: told(1), two: told(2) }
  expect(map.upsert({ ...two, tags: ['tag:six'] })).toEqual([1, 2])
  const [first, second] = [mapDelta(before.one, told(1), 1), mapDelta(before.two, told(2), 1)]
  expect(first?.PeersChanged?.map(({ Addresses }) => Addresses)).toEqual([['fd7a:115c:a1e0::102/128']])
  expect([second?.Node?.Addresses, second?.PeersChanged?.map(({ Addresses }) => Addresses)]).toEqual([['fd7a:115c:a1e0::102/128'], [['fd7a:115c:a1e0::101/128']]])
  expect(map.setPolicy(compiled({}))).toEqual([1, 2])
  for (const id of [1, 2]) expect(map.view(id)).toEqual(viewFor(id, map.network()))
  expect(shown(map.view(2)).self.Addresses).toHaveLength(2)
})

test('policy goes by both addresses of a machine that is told with one', () => {
  const policy = compiled({ ...six, grants: [{ src: ['100.64.1.2'], dst: ['autogroup:member'], ip: ['*'] }] })
  const nodes = [machine(1), machine(2, { tags: ['tag:six'] })]
  const map = createNetmap({ nodes, policy, derpRegions: [], names: defaultNames, now: 1 })
  const self = map.view(2)?.self
  expect(self && subjectOf(policy, self).addresses).toHaveLength(2)
  expect(map.view(1)?.packetFilter).toMatchObject([{ SrcIPs: ['100.64.1.2'] }])
})
