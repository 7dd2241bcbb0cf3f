import { expect, test } from 'vitest'
import { comparePolicyCase } from './compare.ts'
import { policyCases } from './index.ts'

const users = [{ id: 1, name: 'ann', email: 'ann@example.com' }, { id: 2, name: 'bob', email: '' }]
const nodes = {
  a: { tags: [], user: 'ann', ipv4: '100.64.0.1', ipv6: 'fd7a:115c:a1e0::1', routable_ips: [], approved_routes: [] },
  b: { user: 'bob', ipv4: '100.64.0.2', ipv6: 'fd7a:115c:a1e0::2' },
  r: { tags: ['tag:r'], ipv4: '100.64.0.9', ipv6: 'fd7a:115c:a1e0::9', routable_ips: ['10.0.0.0/24', '10.1.0.0/24'], approved_routes: ['10.0.0.0/24', '10.2.0.0/24'] },
}
const grant = { src: ['ann@example.com'], dst: ['tag:r'], ip: ['tcp:22'] }
const policy = { tagOwners: { 'tag:r': [] }, grants: [grant] }
const ssh = [{ SrcIPs: ['100.64.0.1', 'fd7a:115c:a1e0::1'], IPProto: [6], DstPorts: ['100.64.0.9', 'fd7a:115c:a1e0::9'].map((IP) => ({ IP, Ports: { First: 22, Last: 22 } })) }]
const made = { id: 'made', policy, users, nodes, status: 200, message: null, expect: { r: { packetFilter: ssh, peers: ['a'] }, a: { packetFilter: null, peers: ['r'] }, b: { packetFilter: [], peers: [] } } }
const verdict = (value: unknown) => comparePolicyCase(value, 0).verdict
const reason = (value: unknown): string => {
  const found = verdict(value)
  return found.kind === 'agrees' ? 'agrees' : found.reason
}

test('a case agrees: as a value, as a text, without a node, without an answer', () => {
  expect(comparePolicyCase(made, 0)).toEqual({ name: 'made', verdict: { kind: 'agrees' } })
  expect(verdict({ ...made, policy: JSON.stringify(policy) })).toEqual({ kind: 'agrees' })
  expect(verdict({ policy, users, nodes, status: 200, expect: { r: { packetFilter: ssh } } })).toEqual({ kind: 'agrees' })
  expect(verdict({ policy, users, nodes, status: 200 })).toEqual({ kind: 'agrees' })
})

test('a filter that differs is told by node and by what it allows', () => {
  expect(reason({ ...made, expect: { r: { packetFilter: null } } })).toBe(
    'r: ours alone allows tcp:22 from 100.64.0.1 to 100.64.0.9, tcp:22 from fd7a:115c:a1e0::1 to fd7a:115c:a1e0::9')
  expect(reason({ ...made, expect: { a: { packetFilter: ssh } } })).toMatch(/^a: the recording alone allows tcp:22 from 100\.64\.0\.1 to 100\.64\.0\.9/)
})

test('peers that differ are named', () => {
  expect(reason({ ...made, expect: { r: { peers: ['b'] } } })).toBe('r: peers missing: b; r: peers too many: a')
  expect(reason({ ...made, expect: { r: { peers: null } } })).toBe('r: peers too many: a')
})

test('taken and refused are compared, whatever the number and the words', () => {
  const wrong = { ...made, policy: { grants: [grant] }, expect: null }
  expect(reason(wrong)).toMatch(/^recorded as accepted, refused here: \d+:\d+: .*tag:r/)
  expect(verdict({ ...wrong, status: 400, message: 'tag not found' })).toEqual({ kind: 'agrees' })
  expect(verdict({ ...wrong, status: 500 })).toEqual({ kind: 'agrees' })
  expect(reason({ ...made, status: 400, message: 'no such thing', expect: null })).toBe('recorded as refused (no such thing), accepted here')
})

test('a person without e-mail is a local account, and routes count where advertised and approved', () => {
  const routes = { ...made, policy: { tagOwners: { 'tag:r': [] }, grants: [{ src: ['bob@'], dst: ['10.0.0.0/8'], ip: ['*'] }] } }
  const rule = { SrcIPs: ['100.64.0.2'], DstPorts: [{ IP: '10.0.0.0/8', Ports: { First: 0, Last: 65_535 } }] }
  expect(verdict({ ...routes, expect: { r: { packetFilter: [rule], peers: ['b'] } } })).toEqual({ kind: 'agrees' })
  const unapproved = { ...nodes, r: { ...nodes.r, approved_routes: [] } }
  expect(verdict({ ...routes, nodes: unapproved, expect: { r: { packetFilter: null, peers: [] } } })).toEqual({ kind: 'agrees' })
})

test('a node that is shown without the rule for its literal IPv6 address differs on purpose', () => {
  const literal = { ...made, policy: { ...policy, grants: [{ ...grant, dst: ['fd7a:115c:a1e0::9'] }] }, expect: { r: { packetFilter: null }, a: { packetFilter: null } } }
  expect(verdict(literal)).toMatchObject({ kind: 'stricter', reason: expect.stringContaining('§16') })
  // Of IPv4 it is a difference like any other; so is one more beside it.
  expect(verdict({ ...literal, policy: { ...policy, grants: [{ ...grant, dst: ['100.64.0.9'] }] } })).toMatchObject({ kind: 'differs' })
  expect(verdict({ ...literal, expect: { ...literal.expect, a: { packetFilter: ssh } } })).toMatchObject({ kind: 'differs' })
})

test('a case in another form differs, and is no crash', () => {
  for (const odd of [null, 1, 'x', [], {}, { id: 'x' }, { policy: 5 }, { ...made, nodes: 3 }, { ...made, expect: { r: { packetFilter: 'all' } } }, { ...made, expect: { r: { packetFilter: [{ SrcIPs: ['me'], DstPorts: [] }] } } }]) {
    expect(verdict(odd)).toMatchObject({ kind: 'differs', reason: expect.stringContaining('not in the vectors’ form') })
  }
  expect(reason({ ...made, expect: { x: { packetFilter: null } } })).toBe('x: answered for, but not among the nodes')
})

test('a file is a list, a list under "cases" or a single case', () => {
  expect(policyCases([made, 1]).map(({ name }) => name)).toEqual(['made', 'case 2'])
  expect(policyCases({ cases: [made] })).toHaveLength(1)
  expect(policyCases(made)).toHaveLength(1)
})
