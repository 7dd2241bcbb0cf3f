import { expect, test } from 'vitest'
import { compilePolicy, type CompiledPolicy, explainReach, explainRelayUse, openBehind, parsePolicy, type PolicyNode } from './index.ts'

function machine(id: number, name: string, more: Partial<PolicyNode> = {}): PolicyNode {
  return { id, name, addresses: [`100.64.1.${id}`, `fd7a:115c:a1e0::${id}`], tags: [], ...more }
}

const ann = machine(1, 'ann-laptop', { owner: 'ann@example.com' })
const phone = machine(2, 'ann-phone', { owner: 'Ann@example.com' })
const bob = machine(3, 'bob-pc', { owner: 'bob@example.com' })
const web = machine(4, 'web-1', { tags: ['tag:web'] })
const gw = machine(5, 'gw-1', { tags: ['tag:gw'], routes: ['10.9.0.0/16'] })
const relay = machine(9, 'relay-1', { tags: ['tag:relay'] })

/** Rules from line 2 on, one a line. */
function compile(rules: readonly string[], list: 'grants' | 'acls' = 'grants'): CompiledPolicy {
  const parsed = parsePolicy(`{"tagOwners": {"tag:web": [], "tag:gw": [], "tag:relay": []}, "${list}": [\n${rules.join(',\n')}\n]}`)
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return compilePolicy(parsed.policy)
}

test.each([
  ['one grant', ann, web, ['{"src": ["*"], "dst": ["tag:web"], "ip": ["tcp:443", "22"]}'], 'ann-laptop may reach web-1 on tcp:443 and 22 by the grant on line 2.'],
  ['several', ann, web, ['{"src": ["*"], "dst": ["tag:web"], "ip": ["tcp:443"]}', '{"src": ["*"], "dst": ["*"], "ip": ["*"]}'], 'ann-laptop may reach web-1 on any port by the grants on lines 2, 3.'],
  ['one’s own machines', ann, phone, ['{"src": ["autogroup:member"], "dst": ["autogroup:self"], "ip": ["*"]}'], 'ann-laptop may reach ann-phone on any port by the grant on line 2.'],
  ['another’s machines', ann, bob, ['{"src": ["autogroup:member"], "dst": ["autogroup:self"], "ip": ["*"]}'],
    'No grant lets ann-laptop reach bob-pc: the one on line 2 is for machines of one person among themselves, and bob-pc is a machine of bob@example.com.'],
  ['a router of a via grant', ann, gw, ['{"src": ["*"], "dst": ["10.9.0.0/16"], "ip": ["*"], "via": ["tag:gw"]}'], 'No grant lets ann-laptop reach gw-1.'],
  ['a capability alone', ann, web, ['{"src": ["*"], "dst": ["tag:web"], "app": {"example.com/x": []}}'],
    'No grant lets ann-laptop reach web-1: the one on line 2 joins the two, but opens no port: it has no "ip".'],
  ['the wrong source', bob, web, ['{"src": ["ann@example.com"], "dst": ["tag:web"], "ip": ["*"]}'],
    'No grant lets bob-pc reach web-1: the one on line 2 is for "ann@example.com", and bob-pc is a machine of bob@example.com.'],
  ['the wrong destination', ann, relay, ['{"src": ["ann@example.com"], "dst": ["tag:web"], "ip": ["*"]}'],
    'No grant lets ann-laptop reach relay-1: the one on line 2 is for "tag:web", and relay-1 is tag:relay.'],
])('explains reaching by grants: %s', (_, from, to, rules, sentence) => {
  expect(explainReach(compile(rules), from, to).sentence).toBe(sentence)
})

test.each([
  [ann, web, 'ann-laptop may reach web-1 on tcp:22 and tcp:80-90 by the acl on line 2.', [['tcp:22', 2], ['tcp:80-90', 2]]],
  [bob, web, 'No grant lets bob-pc reach web-1: the acl on line 2 is for "ann@example.com", and bob-pc is a machine of bob@example.com.', []],
] as const)('explains reaching by acls: %#', (from, to, sentence, open) => {
  const compiled = compile(['{"action": "accept", "proto": "tcp", "src": ["ann@example.com"], "dst": ["tag:web:22", "*:80-90"]}'], 'acls')
  const answer = explainReach(compiled, from, to)
  expect(answer.sentence).toBe(sentence)
  expect(answer.open.flatMap(({ ports, line }) => ports.map((text) => [text, line]))).toEqual(open)
})

test('explains a policy without rules', () => {
  const parsed = parsePolicy('{}')
  if (!parsed.ok) throw new Error('{} is a policy')
  expect(explainReach(compilePolicy(parsed.policy), ann, web)).toEqual({
    allowed: true, open: [], sentence: 'ann-laptop may reach web-1 on any port: the policy has neither "grants" nor "acls", which allows everything.',
  })
})

test.each([
  ['{}', ''],
  ['{"maxSessions": 1, "family": "ipv4"}', ', with at most 1 session, IPv4 alone'],
  ['{"quota": "2TiB/month", "maxRate": "50mbit", "prefer": 10}', ', with 2 TiB a month, 50 Mbit/s each way, preference 10'],
])('explains the use of a relay with %s', (values, within) => {
  const compiled = compile([`{"src": ["*"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [${values}]}}`])
  expect(explainRelayUse(compiled, ann, relay)).toEqual({ allowed: true, line: 2, sentence: `ann-laptop may use relay-1 by the grant on line 2${within}.` })
})

test('a grant that leads through routers lets nobody use a relay', () => {
  const compiled = compile(['{"src": ["*"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": []}, "via": ["tag:gw"]}'])
  expect(explainRelayUse(compiled, ann, relay)).toEqual({ allowed: false, sentence: 'No grant lets ann-laptop use relay-1.' })
})

test('by a grant with "via", "*" leads behind a router to routes inside the network’s own range alone', () => {
  const compiled = compile(['{"src": ["*"], "dst": ["*"], "ip": ["443"], "via": ["tag:gw"]}'])
  const routes = ['10.9.0.0/16', 'fd7a:115c:a1e0:b1a:0:7::/96', '0.0.0.0/0']
  expect(routes.map((route) => openBehind(compiled, ann, { ...gw, routes }, route))).toEqual([[], [{ ports: ['443'], line: 2 }], []])
})
