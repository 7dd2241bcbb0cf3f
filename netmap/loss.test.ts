import { expect, test } from 'vitest'
import { compilePolicy, parsePolicy } from '../policy/index.ts'
import { lossCause } from './loss.ts'
import type { NetNode, Network } from './model.ts'
import { defaultNames } from './names.ts'
import { sessionStands } from './session.ts'
import { plainFacts } from './testing.ts'
import { viewFor } from './view.ts'

function policy(grants: string) {
  const parsed = parsePolicy(`{"groups": {"group:ops": [${grants.includes('ann') ? '"ann@example.com"' : ''}]}, "tagOwners": {"tag:relay": [], "tag:ci": []},\n"grants": [${grants}]}`)
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return compilePolicy(parsed.policy)
}
const relayGrant = (src: string): string => `{"src": ["${src}"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{}]}}`
const node = (id: number, name: string, part: Partial<NetNode> = {}): NetNode => ({
  id, name, stableId: `n${id}`, kind: 'agent', nodeKey: `nodekey:${id}`, discoKey: `discokey:${id}`, addresses: [`100.64.0.${id}`], endpoints: [], homeDerp: 1,
  capVersion: 145, routes: [], facts: plainFacts(id), tags: ['tag:ci'], authorized: true, online: true, relayUp: false, ...part,
})
const relay = node(1, 'lock-1', { tags: ['tag:relay'], relayUp: true })
const network = (nodes: readonly NetNode[], grants = relayGrant('tag:ci'), now = 0): Network => ({ nodes: [relay, ...nodes], policy: policy(grants), derpRegions: [], names: defaultNames, now })

function cause(before: Network, after: Network): string | undefined {
  const view = viewFor(1, before)
  return view && lossCause(before, after, view, viewFor(1, after))
}

const clients = [node(2, 'a'), node(3, 'b')]
const before = network(clients)

test.each<[string, Network, string | undefined]>([
  ['nothing is lost', network([...clients, node(4, 'c')]), undefined],
  ['a machine is gone', network([node(2, 'a')]), 'machine removed: b'],
  ['all machines are gone', network([]), 'machine removed: a; machine removed: b'],
  ['approval is withdrawn', network([node(2, 'a', { authorized: false }), node(3, 'b')]), 'a is not approved'],
  ['a key expires', network([node(2, 'a', { keyExpiry: 5 }), node(3, 'b')], undefined, 5), 'key expired: a'],
  ['a tag changes', network([node(2, 'a', { tags: ['tag:relay'] }), node(3, 'b')]), 'tag changed on a'],
  ['the grant is gone', network(clients, relayGrant('tag:relay')), 'grant removed (it was on line 2)'],
  ['the relay loses its tag', { ...network(clients), nodes: [node(1, 'lock-1'), ...clients] }, 'tag changed on lock-1'],
  ['the relay itself expires', { ...network(clients, undefined, 9), nodes: [{ ...relay, keyExpiry: 9 }, ...clients] }, 'key expired: lock-1'],
])('%s', (_what, after, expected) => {
  expect(cause(before, after)).toBe(expected)
})

test('many causes are named and counted', () => {
  const many = Array.from({ length: 6 }, (_, i) => node(10 + i, `m${i}`))
  expect(cause(network(many), network([]))).toBe('machine removed: m0; machine removed: m1; machine removed: m2; and 3 more')
})

test('whose session ends is told the same as the relay', () => {
  const after = network([node(2, 'a')])
  expect(sessionStands(after, 1, 2, 3, before)).toEqual({ stands: false, reason: 'machine removed: b' })
  expect(cause(before, after)).toBe('machine removed: b')
})
