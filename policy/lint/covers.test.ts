import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePolicy } from '../compile.ts'
import type { PolicyNode } from '../model.ts'
import { parsePolicy } from '../parse.ts'
import { parseIpEntry } from '../ports.ts'
import { mayReach, mayUseRelay } from '../access.ts'
import { ipCovered } from './covers.ts'
import { lintPolicy } from './index.ts'

test.each([
  [['*'], '22', true], [['*'], 'tcp:22', true], [['*'], 'gre:*', false], [['tcp:*'], '22', false], [['tcp:*', 'udp:*', 'icmp:*', 'ipv6-icmp:*'], '22', true],
  [['1-100', '101-200'], '50-150', true], [['1-100', '102-200'], '50-150', false], [['tcp:22,443'], 'tcp:443', true], [['22'], '22-23', false],
])('%s opens all of %s: %s', (by, entry, expected) => {
  const read = (text: string) => {
    const parsed = parseIpEntry(text)
    if (!parsed.ok) throw new Error(parsed.reason)
    return parsed.value
  }
  expect(ipCovered(by.map(read), read(entry))).toBe(expected)
})

const cap = (values: string): string => `"app": {"tailscale.com/cap/relay": [${values}]}`
const definitions = '"groups": {"group:ops": ["bob@example.com", "ann@example.com"], "group:on-call": ["bob@example.com"]}, "tagOwners": {"tag:web": [], "tag:gw": []}, "ipsets": {"ipset:lan": ["10.0.0.0/8"]}'

test.each([
  ['"src": ["*"], "dst": ["*"], "ip": ["*"]', '"src": ["tag:web"], "dst": ["autogroup:self", "10.0.0.0/8"], "ip": ["22"]', false],
  ['"src": ["*"], "dst": ["*"], "ip": ["*"]', '"src": ["group:ops"], "dst": ["autogroup:self", "10.0.0.0/8"], "ip": ["22"]', true],
  ['"src": ["*"], "dst": ["*"], "ip": ["*"]', '"src": ["10.0.0.0/8"], "dst": ["*"], "ip": ["22"]', false],
  ['"src": ["*"], "dst": ["*"], "ip": ["*"]', '"src": ["100.64.1.1", "fd7a:115c:a1e0::1"], "dst": ["*"], "ip": ["22"]', true],
  ['"src": ["*"], "dst": ["*"], "ip": ["*"]', '"src": ["2001:db8::1"], "dst": ["*"], "ip": ["22"]', false],
  ['"src": ["100.64.0.0-100.115.91.255"], "dst": ["*"], "ip": ["*"]', '"src": ["100.64.1.1"], "dst": ["tag:web"], "ip": ["22"]', true],
  ['"src": ["autogroup:danger-all"], "dst": ["*"], "ip": ["*"]', '"src": ["*"], "dst": ["*"], "ip": ["22"]', true],
  ['"src": ["group:ops"], "dst": ["tag:web"], "ip": ["*"]', '"src": ["group:on-call", "ann@example.com"], "dst": ["tag:web"], "ip": ["22"]', true],
  ['"src": ["group:on-call"], "dst": ["tag:web"], "ip": ["*"]', '"src": ["group:ops"], "dst": ["tag:web"], "ip": ["22"]', false],
  ['"src": ["user:*@example.com"], "dst": ["tag:web"], "ip": ["*"]', '"src": ["group:ops"], "dst": ["tag:web"], "ip": ["22"]', true],
  ['"src": ["autogroup:member"], "dst": ["autogroup:tagged"], "ip": ["*"]', '"src": ["user:*@example.com", "autogroup:owner"], "dst": ["tag:web"], "ip": ["22"]', true],
  ['"src": ["*"], "dst": ["ipset:lan"], "ip": ["*"]', '"src": ["*"], "dst": ["10.1.0.0/16"], "ip": ["22"]', true],
  ['"src": ["*"], "dst": ["10.0.0.0/8"], "ip": ["*"]', '"src": ["*"], "dst": ["10.1.0.0/16"], "ip": ["22"], "via": ["tag:gw"]', true],
  ['"src": ["*"], "dst": ["10.0.0.0/8"], "ip": ["*"], "via": ["tag:gw"]', '"src": ["*"], "dst": ["10.1.0.0/16"], "ip": ["22"]', false],
  ['"src": ["*"], "dst": ["10.0.0.0/8"], "ip": ["*"], "via": ["tag:gw"]', '"src": ["*"], "dst": ["10.1.0.0/16"], "ip": ["22"], "via": ["tag:gw"]', true],
  [`"src": ["*"], "dst": ["tag:gw"], ${cap('{}')}`, `"src": ["tag:web"], "dst": ["tag:gw"], ${cap('{"maxSessions": 2}')}`, true],
  [`"src": ["*"], "dst": ["tag:gw"], ${cap('')}`, `"src": ["tag:web"], "dst": ["tag:gw"], ${cap('{"maxSessions": 2}')}`, true],
  [`"src": ["*"], "dst": ["tag:gw"], ${cap('{"maxSessions": 2}')}`, `"src": ["tag:web"], "dst": ["tag:gw"], ${cap('{}')}`, false],
  [`"src": ["*"], "dst": ["tag:gw"], ${cap('{"maxSessions": 9}')}`, `"src": ["tag:web"], "dst": ["tag:gw"], ${cap('{"maxSessions": 2, "family": "ipv4"}')}`, true],
  [`"src": ["*"], "dst": ["tag:gw"], ${cap('{}')}`, `"src": ["tag:web"], "dst": ["tag:gw"], ${cap('{"prefer": 5}')}`, false],
  [`"src": ["*"], "dst": ["tag:gw"], ${cap('{}')}`, `"src": ["tag:web"], "dst": ["tag:gw"], "ip": ["22"], ${cap('{}')}`, false],
])('{%s} covers {%s}: %s', (wide, narrow, expected) => {
  for (const text of [`{${definitions}, "grants": [{${wide}}, {${narrow}}]}`, `{${definitions}, "grants": [{${narrow}}, {${wide}}]}`]) {
    const parsed = parsePolicy(text)
    // A grant to oneself is not for tags: the document is refused before anybody looks.
    const said = parsed.ok ? lintPolicy(text, parsed.policy, compilePolicy(parsed.policy), { nodes: [] }).filter(({ code }) => code === 'shadowed') : []
    expect(said.map(({ offset }) => text.slice(offset).startsWith(`{${narrow}}`))).toEqual(expected ? [true] : [])
  }
})

test('of two that say the same the later one is shadowed, also among acls', () => {
  const text = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:22", "*:80"]}], "grants": [{"src": ["*"], "dst": ["*"], "ip": ["80", "22"]}, {"src": ["*"], "dst": ["*"], "ip": ["22,80"]}]}'
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  const said = lintPolicy(text, parsed.policy, compilePolicy(parsed.policy), { nodes: [] }).filter(({ code }) => code === 'shadowed')
  expect(said).toHaveLength(3)
})

const selectors = fc.constantFrom('*', 'ann@example.com', 'bob@example.com', 'group:ops', 'group:on-call', 'tag:web', 'tag:gw', 'autogroup:member', 'autogroup:tagged', '100.64.1.1', '100.64.1.0/29', 'user:*@example.com')
const lists = fc.array(selectors, { minLength: 1, maxLength: 2 })
const gives = fc.constantFrom({ ip: ['*'] }, { ip: ['tcp:443'] }, { ip: ['22'], app: { 'tailscale.com/cap/relay': [{}] } }, { app: { 'tailscale.com/cap/relay': [] } })
const nodes: PolicyNode[] = [
  { id: 1, name: 'a', addresses: ['100.64.1.1', 'fd7a:115c:a1e0::1'], tags: [], owner: 'ann@example.com' },
  { id: 2, name: 'b', addresses: ['100.64.1.2', 'fd7a:115c:a1e0::2'], tags: [], owner: 'bob@example.com' },
  { id: 3, name: 'c', addresses: ['100.64.1.9', 'fd7a:115c:a1e0::3'], tags: [], owner: 'carl@example.org' },
  { id: 4, name: 'd', addresses: ['100.64.1.4', 'fd7a:115c:a1e0::4'], tags: ['tag:web'] },
  { id: 5, name: 'e', addresses: ['100.64.1.5', 'fd7a:115c:a1e0::5'], tags: ['tag:gw', 'tag:web'] },
]

test('taking a shadowed grant out changes nothing for anybody', () => {
  fc.assert(fc.property(fc.array(fc.tuple(lists, lists, gives).map(([src, dst, given]) => ({ src, dst, ...given })), { minLength: 2, maxLength: 5 }), (grants) => {
    const read = (text: string) => {
      const parsed = parsePolicy(text)
      if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
      return { policy: parsed.policy, compiled: compilePolicy(parsed.policy) }
    }
    const answers = (text: string): string[] => {
      const { compiled } = read(text)
      return nodes.flatMap((a) => nodes.flatMap((b) => [
        ...(mayReach(compiled, a, b).allowed ? [`${a.name} reaches ${b.name}`] : []), ...(mayUseRelay(compiled, a, b).allowed ? [`${a.name} uses ${b.name}`] : []),
      ]))
    }
    const text = `{${definitions}, "grants": [\n${grants.map((grant) => JSON.stringify(grant)).join(',\n')}\n]}`
    const { policy, compiled } = read(text)
    for (const { code, fix } of lintPolicy(text, policy, compiled, { nodes })) {
      if (code !== 'shadowed' || fix === undefined) continue
      expect(answers(text.slice(0, fix.offset) + text.slice(fix.offset + fix.length))).toEqual(answers(text))
    }
  }))
})
