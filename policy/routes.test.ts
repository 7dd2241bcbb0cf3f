import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  canonicalRoute, compilePolicy, exitRoutes, filterContext, filterFor, type FilterRule, parsePolicy, type PolicyNode, publicSpace, routeProblem, seeEachOther,
  subjectOf,
} from './index.ts'
import { parsePrefix, prefixesOf } from './address.ts'

function node(id: number, name: string, more: Partial<PolicyNode> = {}): PolicyNode {
  return { id, name, addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::1${id.toString().padStart(2, '0')}`], tags: [], ...more }
}

const ann = node(1, 'a1', { owner: 'ann@example.com' })
const bob = node(2, 'b1', { owner: 'bob@example.com' })
const relay = node(9, 'r1', { tags: ['tag:relay'] })
const gateway = node(20, 'g1', { tags: ['tag:gw'], routes: ['10.9.0.0/16'] })
const exit = node(30, 'x1', { tags: ['tag:gw'], routes: [...exitRoutes] })

function network(grants: readonly object[], nodes: readonly PolicyNode[]) {
  const parsed = parsePolicy(JSON.stringify({ tagOwners: { 'tag:relay': [], 'tag:gw': [] }, grants }))
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'))
  const compiled = compilePolicy(parsed.policy)
  const subjects = nodes.map((one) => subjectOf(compiled, one))
  const context = filterContext(compiled, subjects, () => true)
  const subject = (wanted: PolicyNode) => subjects.find((one) => one.node === wanted) ?? subjectOf(compiled, wanted)
  return {
    compiled, subject,
    filter: (wanted: PolicyNode): readonly FilterRule[] => filterFor(context, subject(wanted)),
    peers: (wanted: PolicyNode): string[] => nodes.filter((other) => other !== wanted && seeEachOther(compiled, subject(wanted), subject(other))).map(({ name }) => name),
    given: (wanted: PolicyNode, route: string): boolean => context.index.usesRoute(wanted.id, route),
    isOffered: (wanted: PolicyNode, exitNode: PolicyNode): boolean => context.index.usesExitNode(wanted.id, exitNode.id),
  }
}

test('a router’s filter lets through what lies behind it, from every address and every route of the network', () => {
  const net = network([
    { src: ['ann@example.com'], dst: ['tag:relay'], app: { 'tailscale.com/cap/relay': [{ maxSessions: 20 }] } },
    { src: ['*'], dst: ['10.9.0.0/16'], ip: ['tcp:443'] },
  ], [ann, relay, gateway])
  expect(net.filter(gateway)).toEqual([{
    SrcIPs: ['10.9.0.0/16', '100.64.0.0-100.115.91.255', '100.115.94.0-100.127.255.255', 'fd7a:115c:a1e0::/48'],
    DstPorts: [{ IP: '10.9.0.0/16', Ports: { First: 443, Last: 443 } }], IPProto: [6],
  }])
  expect(net.filter(ann)).toEqual([{
    SrcIPs: ['100.64.1.9', 'fd7a:115c:a1e0::109'],
    CapGrant: [{ Dsts: ['100.64.1.1/32', 'fd7a:115c:a1e0::101/128'], CapMap: { 'tailscale.com/cap/relay-target': null } }],
  }])
  expect([net.peers(ann), net.peers(relay), net.peers(gateway)]).toEqual([['r1', 'g1'], ['a1', 'g1'], ['a1', 'r1']])
})

test.each([
  ['wider than the route', '10.0.0.0/8', ['10.0.0.0/8']],
  ['inside the route', '10.9.3.0/24', ['10.9.3.0/24']],
  ['one address of it', '10.9.3.4', ['10.9.3.4']],
  ['a range across its edge, in the prefixes that overlap', '10.8.255.254-10.9.0.1', ['10.9.0.0/31']],
  ['beside it', '10.10.0.0/16', []],
  ['the router’s tag, which is not what lies behind it', 'tag:gw', ['100.64.1.20', 'fd7a:115c:a1e0::120']],
])('a destination %s', (_, dst, ips) => {
  const net = network([{ src: ['ann@example.com'], dst: [dst], ip: ['*'] }], [ann, bob, gateway])
  expect(net.filter(gateway).flatMap(({ DstPorts }) => DstPorts?.map(({ IP }) => IP) ?? [])).toEqual(ips)
  expect(net.peers(ann)).toEqual(ips.length > 0 ? ['g1'] : [])
  expect(net.peers(bob)).toEqual([])
  expect(net.given(ann, '10.9.0.0/16')).toBe(ips.length > 0 && dst !== 'tag:gw')
  expect(net.given(bob, '10.9.0.0/16')).toBe(false)
})

test('a capability holds for a prefix behind a router as written, and at its own addresses', () => {
  const app = { 'example.com/cap/x': [{ a: 1 }] }
  const net = network([{ src: ['ann@example.com'], dst: ['10.9.3.4', 'tag:gw'], app }], [ann, gateway])
  expect(net.filter(gateway)).toEqual([{
    SrcIPs: ['100.64.1.1', 'fd7a:115c:a1e0::101'],
    CapGrant: [{ Dsts: ['100.64.1.20/32', 'fd7a:115c:a1e0::120/128', '10.9.3.4/32'], CapMap: app }],
  }])
})

test('who may be spoken to from behind a router sees it and is given the route back', () => {
  const net = network([{ src: ['10.9.0.0/16'], dst: ['bob@example.com'], ip: ['tcp:25'] }], [ann, bob, gateway])
  expect(net.filter(bob)).toEqual([{
    SrcIPs: ['10.9.0.0/16'], IPProto: [6],
    DstPorts: [{ IP: '100.64.1.2', Ports: { First: 25, Last: 25 } }, { IP: 'fd7a:115c:a1e0::102', Ports: { First: 25, Last: 25 } }],
  }])
  expect([net.peers(bob), net.peers(ann), net.given(bob, '10.9.0.0/16'), net.given(ann, '10.9.0.0/16')]).toEqual([['g1'], [], true, false])
})

test('an exit node lets the public addresses through for whom "autogroup:internet" names, and no private one', () => {
  const net = network([{ src: ['ann@example.com'], dst: ['autogroup:internet'], ip: ['*'] }], [ann, bob, gateway, exit])
  const ips = net.filter(exit).flatMap(({ DstPorts }) => DstPorts?.map(({ IP }) => IP) ?? [])
  expect(ips.toSorted()).toEqual(publicSpace.flatMap(prefixesOf).map(({ text }) => text).toSorted())
  for (const address of ['10.0.0.1', '172.20.0.1', '192.168.1.1', '100.70.0.1', '169.254.1.1', 'fd00::1', 'fe80::1', '8.8.8.8', '2606:4700::1111', '172.32.0.1']) {
    const at = parsePrefix(`${address}/${address.includes(':') ? 128 : 32}`)?.range
    const isIn = ips.some((ip) => {
      const range = parsePrefix(ip)?.range
      return range !== undefined && at !== undefined && range.family === at.family && range.first <= at.first && at.last <= range.last
    })
    expect([address, isIn]).toEqual([address, ['8.8.8.8', '2606:4700::1111', '172.32.0.1'].includes(address)])
  }
  expect([net.filter(gateway), net.peers(ann), net.peers(bob), net.peers(gateway)]).toEqual([[], ['x1'], [], []])
  expect([ann, bob].map((one) => net.isOffered(one, exit))).toEqual([true, false])
})

test('an exit node passes a public destination on, but a private one only where it routes it', () => {
  const net = network([{ src: ['*'], dst: ['203.0.113.0/24', '10.0.0.0/8'], ip: ['*'] }], [ann, exit, gateway])
  expect(net.filter(exit).flatMap(({ DstPorts }) => DstPorts?.map(({ IP }) => IP) ?? [])).toEqual(['203.0.113.0/24'])
  expect(net.filter(gateway).flatMap(({ DstPorts }) => DstPorts?.map(({ IP }) => IP) ?? [])).toEqual(['10.0.0.0/8'])
})

test('"*" opens exit nodes, unless it gives capabilities alone', () => {
  const all = network([{ src: ['*'], dst: ['*'], ip: ['*'] }], [ann, exit])
  const relays = network([{ src: ['*'], dst: ['*'], app: { 'tailscale.com/cap/relay': [] } }], [ann, exit])
  expect([all, relays].map((net) => net.isOffered(ann, exit))).toEqual([true, false])
})

test.each([
  ['"autogroup:internet" can only be a destination.', { src: ['autogroup:internet'], dst: ['*'], ip: ['*'] }],
  ['"autogroup:internet" cannot be a destination of "app": nothing there knows capabilities.', { src: ['*'], dst: ['autogroup:internet'], ip: ['*'], app: { 'example.com/x': [] } }],
])('refused: %s', (message, grant) => {
  const parsed = parsePolicy(JSON.stringify({ grants: [grant] }))
  expect(parsed.problems.map((problem) => problem.message)).toEqual([message])
  expect(parsed.ok).toBe(false)
})

test.each([
  ['10.0.0.0/24', /^$/], ['2001:db8::/64', /^$/], ['0.0.0.0/0', /^$/], ['::/0', /^$/], ['192.0.2.1/32', /^$/], ['128.0.0.0/1', /^contains 169\.254\.0\.0\/16/],
  ['10.0.0.1/24', /^has bits beyond its length: write 10\.0\.0\.0\/24$/], ['10.0.0.0', /is no prefix/], ['x/8', /is no prefix/],
  ['100.64.0.0/10', /^is within 100\.64/], ['100.70.1.0/24', /^is within 100\.64/], ['96.0.0.0/3', /^contains 100\.64\.0\.0\/10/],
  ['fd7a:115c:a1e0:b1a::/64', /^is within fd7a/], ['fd00::/8', /^contains fd7a:115c:a1e0::\/48/], ['127.0.0.0/8', /each machine itself/], ['fe80::/64', /link-local/], ['224.0.0.0/8', /multicast/],
])('%s as a route: %s', (route, problem) => {
  expect(routeProblem(route) ?? '').toMatch(problem)
})

test('one text for one prefix', () => {
  expect(['10.1.2.3/8', ' 10.0.0.0/8', '2001:DB8:0::/48', '::/0', '10.0.0.1/32', '10.0.0.0', '10.0.0.0/33'].map(canonicalRoute))
    .toEqual(['10.0.0.0/8', '10.0.0.0/8', '2001:db8::/48', '::/0', '10.0.0.1/32', undefined, undefined])
})

const sides = fc.array(fc.constantFrom('*', 'ann@example.com', 'tag:gw', '10.9.0.0/16', '10.0.0.0/8', '10.9.1.1', '172.16.0.0/12', '100.64.1.0/28'), { minLength: 1, maxLength: 2 })
const routes = fc.subarray(['10.9.0.0/16', '10.9.1.0/24', '172.16.5.0/24', ...exitRoutes])

test('who is given a route has it let through or let in: the filters of the two agree with what is given', () => {
  fc.assert(fc.property(fc.array(fc.tuple(sides, sides), { maxLength: 4 }), routes, routes, (pairs, ofFirst, ofSecond) => {
    const first = { ...gateway, routes: ofFirst }
    const second = { ...exit, routes: ofSecond }
    const nodes = [ann, bob, first, second]
    const net = network(pairs.map(([src, dst]) => ({ src, dst, ip: ['*'] })), nodes)
    for (const viewer of nodes) {
      for (const router of [first, second].filter((one) => one !== viewer)) {
        const seen = net.peers(viewer).includes(router.name)
        const known = (one: PolicyNode): boolean => net.filter(one).length > 0
        for (const route of router.routes) {
          if (exitRoutes.includes(route) || !net.given(viewer, route)) continue
          // What is given is of somebody whom the viewer sees, and one of the two lets something in.
          expect([route, seen, known(router) || known(viewer)]).toEqual([route, true, true])
        }
      }
    }
  }))
})
