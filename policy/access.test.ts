import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CompiledPolicy, compilePolicy, defaultPolicy, explainRelayUse, mayReach, mayUseRelay, parsePolicy } from './index.ts'
import type { PolicyNode } from './index.ts'

function compile(text: string): CompiledPolicy {
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(parsed.problems.map((problem) => problem.message).join('\n'))
  return compilePolicy(parsed.policy)
}

function machine(id: number, name: string, more: Partial<PolicyNode> = {}): PolicyNode {
  return { id, name, addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::1${id}`], tags: [], ...more }
}

const ann = machine(1, 'ann-laptop', { owner: 'Ann@example.com', ownerRole: 'owner' })
const bob = machine(2, 'bob-phone', { owner: 'bob@example.org' })
const annServer = machine(3, 'ann-server', { owner: 'ann@example.com', tags: ['tag:server'] })
const relay = machine(9, 'relay-1', { tags: ['tag:relay'] })

function relayGrant(src: string, dst: string, extra = ''): CompiledPolicy {
  return compile(`{${extra}
    "tagOwners": {"tag:relay": [], "tag:server": []}, "hosts": {"laptop": "100.64.1.1", "six": "fd7a:115c:a1e0::11"},
    "grants": [{"src": ["${src}"], "dst": ["${dst}"], "app": {"tailscale.com/cap/relay": []}}]}`)
}

test.each([
  ['*', 'ann bob server relay'],
  ['ann@example.com', 'ann'],
  ['user:*@example.org', 'bob'],
  ['group:ops', 'bob'],
  ['tag:server', 'server'],
  ['autogroup:member', 'ann bob'],
  ['autogroup:tagged', 'server relay'],
  ['autogroup:owner', 'ann'],
  ['laptop', 'ann'],
  ['100.64.1.2', 'bob'],
  ['100.64.1.0/30', 'ann bob server'],
  ['100.64.1.2-100.64.1.3', 'bob server'],
  ['nobody@example.com', ''],
  // Stock clients and relays look at the first pair of addresses only, and that is IPv4.
  ['six', ''],
])('"%s" as the clients of a relay grant: %s', (src, expected) => {
  const compiled = relayGrant(src, 'tag:relay', '"groups": {"group:ops": ["BOB@example.org"]},')
  const allowed = [['ann', ann], ['bob', bob], ['server', annServer], ['relay', relay]] as const
  expect(allowed.filter(([, node]) => mayUseRelay(compiled, node, relay).allowed).map(([name]) => name).join(' ')).toBe(expected)
  expect(mayUseRelay(compiled, bob, annServer).allowed).toBe(false)
})

test('the first policy: every machine reaches every other and may use every relay, by these lines', () => {
  const compiled = compile(defaultPolicy())
  const [reach, use] = defaultPolicy().split('\n').flatMap((line, i) => (line.includes('{"src"') ? [i + 1] : []))
  expect(mayReach(compiled, ann, bob)).toEqual({ allowed: true, lines: [{ grantIndex: 0, line: reach }] })
  expect(mayUseRelay(compiled, bob, relay)).toEqual({ allowed: true, lines: [{ grantIndex: 1, line: use }] })
  expect(mayUseRelay(compiled, bob, ann)).toEqual({ allowed: false, nearest: { grantIndex: 1, line: use, missing: 'destination' } })
})

test('without grants everything is reached and no relay may be used; with none listed nothing is', () => {
  expect(mayReach(compile('{}'), ann, bob).allowed).toBe(true)
  expect(mayUseRelay(compile('{}'), ann, relay).allowed).toBe(false)
  expect(mayReach(compile('{"grants": []}'), ann, bob)).toEqual({ allowed: false })
})

test('a capability does not let anybody connect', () => {
  const compiled = relayGrant('*', '*')
  expect(mayReach(compiled, ann, bob)).toEqual({ allowed: false, nearest: { grantIndex: 0, line: 3, missing: 'capability' } })
})

test.each([
  ['ann@example.com', 'tag:relay', 'ann-laptop may use relay-1 by the grant on line 3.'],
  ['bob@example.org', 'tag:relay', 'No grant lets ann-laptop use relay-1: the one on line 3 is for "bob@example.org", and ann-laptop is a machine of Ann@example.com.'],
  ['*', 'tag:server', 'No grant lets ann-laptop use relay-1: the one on line 3 is for the relays "tag:server", and relay-1 is tag:relay.'],
  ['six', 'tag:relay', 'No grant lets ann-laptop use relay-1: the one on line 3 names addresses of the two that are not of one family, or not the first of each.'],
  ['bob@example.org', 'tag:server', 'No grant lets ann-laptop use relay-1.'],
])('explains src %s, dst %s', (src, dst, sentence) => {
  expect(explainRelayUse(relayGrant(src, dst), ann, relay).sentence).toBe(sentence)
})

const selectors = fc.constantFrom(
  '*', 'ann@example.com', 'bob@example.org', 'group:ops', 'tag:relay', 'tag:server', 'autogroup:member', 'autogroup:tagged',
  '100.64.1.1', '100.64.1.0/29', 'fd7a:115c:a1e0::/64', '100.64.1.2-100.64.1.9',
)
const lists = fc.array(selectors, { maxLength: 3 })
const gives = fc.constantFrom({ ip: ['*'] }, { ip: ['tcp:443'], app: { 'tailscale.com/cap/relay': [{}] } }, { app: { 'tailscale.com/cap/relay': [] } })
const grants = fc.array(fc.tuple(lists, lists, gives).map(([src, dst, given]) => ({ src, dst, ...given })), { maxLength: 6 })
const nodes = [ann, bob, annServer, relay]

function accessOf(list: readonly object[]): string[] {
  const compiled = compile(JSON.stringify({
    groups: { 'group:ops': ['bob@example.org'] }, tagOwners: { 'tag:relay': [], 'tag:server': [] }, grants: list,
  }))
  return nodes.flatMap((a) => nodes.flatMap((b) => [
    ...(mayReach(compiled, a, b).allowed ? [`${a.name} reaches ${b.name}`] : []),
    ...(mayUseRelay(compiled, a, b).allowed ? [`${a.name} uses ${b.name}`] : []),
  ]))
}

test('the order of grants does not matter', () => {
  fc.assert(fc.property(grants, (list) => {
    expect(accessOf(list.toReversed())).toEqual(accessOf(list))
  }))
})

test('adding a grant takes nothing away', () => {
  fc.assert(fc.property(grants, grants, (list, added) => {
    expect(accessOf([...list, ...added])).toEqual(expect.arrayContaining(accessOf(list)))
  }))
})
