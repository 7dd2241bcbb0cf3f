import { expect, test } from 'vitest'
import { compilePolicy, defaultPolicy, exitRoutes, parsePolicy } from '../policy/index.ts'
import { createNetmap, defaultNames, type NetNode, type Network, viewFor } from './index.ts'
import { plainFacts } from './testing.ts'
import { choosePrimaries } from './routes.ts'

const office = '10.9.0.0/16'

function machine(id: number, more: Partial<NetNode> = {}): NetNode {
  return {
    id, name: `m${id}`, stableId: `n${id}`, kind: 'client', nodeKey: `nodekey:${id}`, discoKey: `discokey:${id}`,
    addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::10${id}`], endpoints: [], homeDerp: 1, capVersion: 130, routes: [], facts: plainFacts(id), tags: [],
    authorized: true, online: true, relayUp: false, owner: 'ann@example.com', ...more,
  }
}

function network(nodes: readonly NetNode[], grants?: readonly object[]): Network {
  const parsed = parsePolicy(grants === undefined ? defaultPolicy() : JSON.stringify({ tagOwners: { 'tag:ci': [] }, grants }))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return { nodes, policy: compilePolicy(parsed.policy), derpRegions: [], names: defaultNames, now: 1_000 }
}

const offline = { online: false, gone: true } as const
const routesOf = (net: Network, viewer: number, peer: number): readonly string[] | undefined => viewFor(viewer, net)?.peers.find(({ id }) => id === peer)?.routes

test('the one that joined first carries a route that two have; it and nobody else is told so', () => {
  const net = network([machine(1), machine(2, { routes: [office] }), machine(3, { routes: [office, '10.10.0.0/16'] })])
  expect([routesOf(net, 1, 2), routesOf(net, 1, 3)]).toEqual([[office], ['10.10.0.0/16']])
  expect([viewFor(2, net)?.self.routes, viewFor(3, net)?.self.routes]).toEqual([[office], ['10.10.0.0/16']])
  // The one that stands by sends by the other.
  expect(routesOf(net, 3, 2)).toEqual([office])
})

test('a route moves when its router is gone, and does not move back', () => {
  const [first, second] = [machine(2, { routes: [office] }), machine(3, { routes: [office] })]
  const map = createNetmap(network([machine(1), first, second]))
  const carriers = (): readonly number[] => map.view(1)?.peers.filter(({ routes }) => routes.includes(office)).map(({ id }) => id) ?? []
  // Off for a moment: it comes back mostly.
  map.upsert({ ...first, online: false, lastSeen: 900 })
  expect(carriers()).toEqual([2])
  expect(map.upsert({ ...first, ...offline, lastSeen: 900 })).toEqual([1, 2, 3])
  expect(carriers()).toEqual([3])
  map.upsert(first)
  expect(carriers()).toEqual([3])
  map.upsert({ ...second, ...offline })
  expect(carriers()).toEqual([2])
  // With nobody there it stays where it was.
  map.upsert({ ...first, ...offline })
  expect(carriers()).toEqual([2])
  expect(map.view(1)?.peers.every((peer) => peer.gone === undefined)).toBe(true)
  map.remove(2)
  expect(carriers()).toEqual([3])
  map.remove(3)
  expect(map.network().primaries?.size).toBe(0)
})

test('a router that is not approved or whose key expired carries nothing', () => {
  const net = network([machine(1), machine(2, { routes: [office], authorized: false }), machine(3, { routes: [office], keyExpiry: 1_000 }), machine(4, { routes: [office] })])
  expect(routesOf(net, 1, 4)).toEqual([office])
  expect(viewFor(2, net)?.self.routes).toEqual([])
})

test.each([
  ['those seen together: the first', 600_000, 500_001, 2],
  ['one that was away long: the other', 600_000, 470_000, 3],
])('right after a start nobody is connected: %s', (_, last, lastOfFirst, expected) => {
  const routers = [machine(2, { routes: [office], online: false, lastSeen: lastOfFirst }), machine(3, { routes: [office], online: false, lastSeen: last })]
  expect(choosePrimaries(routers).get(office)).toBe(expected)
})

test('a route is given to whom a grant lets into it or out of it, and to nobody else', () => {
  const nodes = [machine(1), machine(2, { owner: 'bob@example.com' }), machine(3, { owner: 'cid@example.com' }), machine(9, { tags: ['tag:ci'], routes: [office] })]
  const net = network(nodes, [
    { src: ['ann@example.com'], dst: ['10.9.8.0/24'], ip: ['tcp:443'] },
    { src: [office], dst: ['bob@example.com'], ip: ['*'] },
    { src: ['cid@example.com'], dst: ['tag:ci'], ip: ['*'] },
  ])
  expect([1, 2, 3].map((viewer) => routesOf(net, viewer, 9))).toEqual([[office], [office], []])
})

test('exit nodes are offered with both default routes, all of them, to whom a grant lets out', () => {
  const nodes = [machine(1), machine(2, { owner: 'bob@example.com' }), machine(8, { owner: 'cid@example.com', routes: ['0.0.0.0/0'] }), machine(9, { owner: 'cid@example.com', routes: [office, ...exitRoutes] })]
  const net = network(nodes, [
    { src: ['ann@example.com'], dst: ['autogroup:internet'], ip: ['*'] },
    { src: ['bob@example.com'], dst: ['cid@example.com'], ip: ['tcp:22'] },
  ])
  expect([routesOf(net, 1, 8), routesOf(net, 1, 9)]).toEqual([[...exitRoutes], [...exitRoutes]])
  expect([routesOf(net, 2, 8), routesOf(net, 2, 9)]).toEqual([[], []])
  expect(viewFor(9, net)?.self.routes).toEqual(['0.0.0.0/0', office, '::/0'])
})
