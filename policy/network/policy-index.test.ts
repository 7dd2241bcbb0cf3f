import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePolicy } from '../compile.ts'
import type { Policy, PolicyNode } from '../model.ts'
import { parsePolicy } from '../parse.ts'
import type { FilterRule } from '../rules.ts'
import { naiveRules, naiveSees } from './testing-naive.ts'
import { createPolicyIndex, type PolicyIndex } from './policy-index.ts'

const ids = [1, 2, 3, 4, 5, 6, 7] as const
const anyNode: fc.Arbitrary<PolicyNode> = fc.record({
  id: fc.constantFrom(...ids),
  tags: fc.oneof(fc.constant([]), fc.subarray(['tag:gw', 'tag:web', 'tag:relay'])),
  owner: fc.constantFrom('ann@example.com', 'Ann@example.com', 'bob@example.org', undefined),
  routes: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.subarray(['10.1.0.0/16', '10.1.2.0/24', '0.0.0.0/0', '::/0', '2001:db8::/48', 'fd7a:115c:a1e0:b1a::/64']) }),
  six: fc.boolean(),
}).map(({ id, tags, owner, routes, six }) => ({
  id, name: `m${id}`, tags, routes, addresses: [`100.64.1.${id}`, ...(six ? [`fd7a:115c:a1e0::10${id}`] : [])],
  ...(owner === undefined ? {} : { owner, ownerRole: owner === 'bob@example.org' ? 'admin' as const : 'viewer' as const }),
}))
const networks = fc.uniqueArray(anyNode, { selector: ({ id }) => id, maxLength: 7 })

const literals = ['100.64.1.1', '100.64.1.0/30', '100.64.1.2-100.64.1.5', 'fd7a:115c:a1e0::101', '10.1.0.0/16', '10.1.2.3', '10.0.0.0/8', '8.8.8.0/24', '2001:db8::/32', 'ipset:lan', 'ipset:out', 'box']
const identities = ['ann@example.com', 'bob@example.org', 'group:ops', 'group:none', 'user:*@example.org', 'tag:gw', 'tag:web', 'tag:relay', 'autogroup:member', 'autogroup:tagged', 'autogroup:admin']
const side = (more: readonly string[]) => fc.array(fc.constantFrom(...literals, ...identities, ...more), { minLength: 1, maxLength: 3 })
const ports = fc.subarray(['*', 'tcp:22,80-90', 'udp:53', 'icmp:*'], { minLength: 1 })
const apps = fc.constantFrom({ 'tailscale.com/cap/relay': [{}] }, { 'tailscale.com/cap/drive': [{ a: 1 }], 'example.com/x': [] }, { 'example.com/y': [1, null] })
const gives = fc.oneof(fc.record({ ip: ports }), fc.record({ app: apps }), fc.record({ ip: ports, app: apps }))
/** Neither through routers, nor for oneself. */
const plain = fc.tuple(side(['*', 'autogroup:danger-all']), side(['*']), gives).map(([src, dst, given]) => ({ src, dst, ...given }))
const out = fc.tuple(side(['*']), fc.record({ ip: ports })).map(([src, given]) => ({ src, dst: ['autogroup:internet'], ...given }))
const own = fc.tuple(fc.subarray(['ann@example.com', 'group:ops', 'autogroup:member', 'autogroup:admin'], { minLength: 1 }), fc.constantFrom([], ['tag:web']), gives)
  .map(([src, dst, given]) => ({ src, dst: ['autogroup:self', ...dst], ...given }))
const via = fc.tuple(side(['*']), side(['*']), fc.oneof(fc.record({ ip: ports }), fc.record({ app: apps })), fc.subarray(['tag:gw', 'tag:web'], { minLength: 1 })).map(([src, dst, given, tags]) => ({ src, dst, ...given, via: tags }))
const viaOut = fc.record({ ip: ports }).map((given) => ({ src: ['*'], dst: ['autogroup:internet'], via: ['tag:gw'], ...given }))
const grants = fc.array(fc.oneof({ weight: 4, arbitrary: plain }, out, own, via, viaOut), { maxLength: 6 })

function policyOf(list: readonly object[]): Policy {
  const parsed = parsePolicy(JSON.stringify({
    groups: { 'group:ops': ['ann@example.com', 'BOB@example.org'], 'group:none': [] }, hosts: { box: '100.64.1.3' },
    ipsets: { 'ipset:lan': ['add 10.1.0.0/16', 'add 100.64.1.6', 'remove 10.1.9.0/24'], 'ipset:out': ['autogroup:internet'] },
    tagOwners: { 'tag:gw': [], 'tag:web': [], 'tag:relay': [] }, grants: list,
  }))
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'))
  return parsed.policy
}

function indexOf(policy: Policy, nodes: readonly PolicyNode[], companions: 'all' | 'up' = 'all'): PolicyIndex {
  const index = createPolicyIndex(compilePolicy(policy), { companions })
  for (const node of nodes) index.upsert(node, { isShown: true, isUp: node.id % 2 === 0, isDoubtful: false })
  return index
}

/** Rules as single statements: one source, one destination, one range of ports or set of capabilities. */
function statements(rules: readonly FilterRule[]): Set<string> {
  const found = new Set<string>()
  for (const { SrcIPs, DstPorts = [], IPProto = [], CapGrant = [] } of rules) {
    for (const source of SrcIPs) {
      for (const { IP, Ports } of DstPorts) found.add(`${source} > ${IP} ${IPProto.join()} ${Ports.First}-${Ports.Last}`)
      for (const { Dsts, CapMap } of CapGrant) for (const destination of Dsts) found.add(`${source} > ${destination} ${JSON.stringify(CapMap)}`)
    }
  }
  return found
}

const all = (index: PolicyIndex, nodes: readonly PolicyNode[]): object[] =>
  nodes.map(({ id }) => ({ id, rules: index.rules(id), peers: index.peers(id), relays: index.relays(id), serves: index.serves(id) }))

test('it says what the specification says, read literally', () => {
  fc.assert(fc.property(grants, networks, (list, nodes) => {
    const policy = policyOf(list)
    const index = indexOf(policy, nodes)
    for (const node of nodes) {
      const expected = naiveRules({ policy, nodes }, node).flatMap(({ sources, destination, what }) => sources.map((source) => `${source} > ${destination} ${what}`))
      expect([...statements(index.rules(node.id))].toSorted()).toEqual([...new Set(expected)].toSorted())
      expect(index.peers(node.id)).toEqual(nodes.filter((other) => other !== node && naiveSees({ policy, nodes }, node, other)).map(({ id }) => id).toSorted((a, b) => a - b))
      expect(index.rulesFor(node)).toEqual(index.rules(node.id))
      expect(index.peerCount(node.id)).toBe(index.peers(node.id).length)
    }
  }))
})

test('the order of grants does not matter', () => {
  fc.assert(fc.property(grants, networks, (list, nodes) => {
    expect(all(indexOf(policyOf(list.toReversed()), nodes, 'up'), nodes)).toEqual(all(indexOf(policyOf(list), nodes, 'up'), nodes))
  }))
})

test('one more grant without "via" and without parameters takes nothing away', () => {
  fc.assert(fc.property(grants, fc.oneof(plain, own), networks, (list, more, nodes) => {
    const [before, after] = [indexOf(policyOf(list), nodes), indexOf(policyOf([...list, more]), nodes)]
    for (const { id } of nodes) {
      const is = statements(after.rules(id))
      expect([...statements(before.rules(id))].filter((statement) => !is.has(statement))).toEqual([])
      for (const of of ['peers', 'relays', 'serves'] as const) expect(after[of](id)).toEqual(expect.arrayContaining([...before[of](id)]))
    }
  }))
})

const standings = fc.record({ isShown: fc.boolean(), isUp: fc.boolean(), isDoubtful: fc.boolean() })
const steps = fc.array(fc.oneof({ weight: 4, arbitrary: fc.record({ node: anyNode, standing: standings }) }, fc.record({ gone: fc.constantFrom(...ids) })), { maxLength: 25 })
const ranked = fc.tuple(side(['*']), side(['*']), fc.integer({ min: -1, max: 3 })).map(([src, dst, prefer]) => ({ src, dst, app: { 'tailscale.com/cap/relay': [{ prefer }] } }))

test('one step after the other leads where all at once leads, and who is not named as affected is told the same as before', () => {
  fc.assert(fc.property(fc.array(fc.oneof(plain, out, own, via, viaOut, ranked), { maxLength: 6 }), steps, (list, changes) => {
    const compiled = compilePolicy(policyOf(list))
    const index = createPolicyIndex(compiled)
    /** Bounded: the ids above. */
    const now = new Map<number, { node: PolicyNode; standing: { isShown: boolean; isUp: boolean; isDoubtful: boolean } }>()
    let told = new Map<number, object>()
    for (const change of changes) {
      if ('gone' in change) {
        now.delete(change.gone)
        index.remove(change.gone)
      } else {
        now.set(change.node.id, change)
        index.upsert(change.node, change.standing)
      }
      const whole = createPolicyIndex(compiled)
      for (const { node, standing } of now.values()) whole.upsert(node, standing)
      const nodes = [...now.values()].map(({ node }) => node)
      expect(all(index, nodes)).toEqual(all(whole, nodes))
      const affected = new Set(index.takeAffected())
      const next = new Map(nodes.map(({ id }) => [id, { rules: index.rules(id), peers: index.peers(id), relays: index.relays(id), serves: index.serves(id) }]))
      for (const [id, what] of next) {
        const before = told.get(id)
        if (before === undefined || affected.has(id)) continue
        expect(what).toEqual(before)
        expect(what.rules).toBe('rules' in before ? before.rules : undefined)
      }
      told = next
    }
  }))
})
