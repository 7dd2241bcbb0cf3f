import fc from 'fast-check'
import { expect, test } from 'vitest'
import { approvedByPolicy, exitRoutes, mayGiveTag, owningTags, parsePolicy, type Policy, relayApproval } from './index.ts'

function policyOf(autoApprovers: object, more: object = {}): Policy {
  const parsed = parsePolicy(JSON.stringify({
    tagOwners: { 'tag:gw': [], 'tag:other': [] }, groups: { 'group:ops': ['bob@example.com', 'user:*@corp.example'] }, autoApprovers, ...more,
  }, null, 1))
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return parsed.policy
}

const gateway = { tags: ['tag:gw'], owner: 'ann@example.com', ownerRole: 'owner' } as const
const routesOf = (approved: ReturnType<typeof approvedByPolicy>): string[] => approved.map(({ route }) => route)

test('a prefix approves itself and what it contains, nothing wider and nothing of the other family', () => {
  const policy = policyOf({ routes: { '10.0.0.0/9': ['tag:gw'], '2001:db8::/32': ['tag:gw'] } })
  const offered = ['10.0.0.0/8', '10.0.0.0/9', '10.3.0.0/16', '10.128.0.0/16', '2001:db8:1::/48', '2001:db9::/32']
  expect(routesOf(approvedByPolicy(policy, gateway, offered))).toEqual(['10.0.0.0/9', '10.3.0.0/16', '2001:db8:1::/48'])
})

test('a default route approves all subnets of its family and no exit node; an exit node is approved whole, and no subnet with it', () => {
  const offered = ['0.0.0.0/0', '192.168.1.0/24', '2001:db8::/48', '::/0']
  expect(routesOf(approvedByPolicy(policyOf({ routes: { '0.0.0.0/0': ['tag:gw'] } }), gateway, offered))).toEqual(['192.168.1.0/24'])
  expect(routesOf(approvedByPolicy(policyOf({ routes: { '::/0': ['tag:gw'] } }), gateway, offered))).toEqual(['2001:db8::/48'])
  expect(routesOf(approvedByPolicy(policyOf({ exitNode: ['tag:gw'] }), gateway, ['0.0.0.0/0', '192.168.1.0/24']))).toEqual(exitRoutes)
  expect(approvedByPolicy(policyOf({ exitNode: ['tag:gw'] }), gateway, ['192.168.1.0/24'])).toEqual([])
})

test('what nobody may route is not approved', () => {
  expect(approvedByPolicy(policyOf({ routes: { '0.0.0.0/0': ['tag:gw'] } }), gateway, ['100.64.0.0/16', '127.0.0.0/8', '224.0.0.0/8'])).toEqual([])
})

test.each([
  ['tag:gw', { tags: ['tag:gw'] }, true],
  ['tag:other', { tags: ['tag:gw'] }, false],
  ['ann@example.com', { tags: [], owner: 'Ann@Example.com' }, true],
  ['ann@example.com', { tags: ['tag:gw'], owner: 'ann@example.com' }, false],
  ['autogroup:member', { tags: ['tag:gw'], owner: 'ann@example.com' }, false],
  ['autogroup:member', { tags: [], owner: 'ann@example.com' }, true],
  ['autogroup:member', { tags: [] }, false],
  ['group:ops', { tags: [], owner: 'bob@example.com' }, true],
  ['group:ops', { tags: [], owner: 'eve@corp.example' }, true],
  ['group:ops', { tags: [], owner: 'ann@example.com' }, false],
  ['autogroup:admin', { tags: [], owner: 'ann@example.com', ownerRole: 'admin' }, true],
  ['autogroup:admin', { tags: [], owner: 'ann@example.com', ownerRole: 'owner' }, true],
  ['autogroup:owner', { tags: [], owner: 'ann@example.com', ownerRole: 'admin' }, false],
  ['autogroup:admin', { tags: [], owner: 'ann@example.com', ownerRole: 'viewer' }, false],
] as const)('the approver %s of a machine %j: %s', (approver, node, isApproved) => {
  const policy = policyOf({ relays: [approver], routes: { '10.0.0.0/8': [approver] } })
  expect([relayApproval(policy, node) !== undefined, approvedByPolicy(policy, node, ['10.1.0.0/16']).length === 1]).toEqual([isApproved, isApproved])
})

test('the line is that of the approver', () => {
  const parsed = parsePolicy('{"tagOwners": {"tag:gw": []},\n"autoApprovers": {"routes": {"10.0.0.0/8": [\n"ann@example.com",\n"tag:gw"]}}}')
  expect(parsed.ok && approvedByPolicy(parsed.policy, gateway, ['10.1.0.0/16'])).toEqual([{ route: '10.1.0.0/16', line: 4 }])
})

const tags = ['a', 'b', 'c', 'd', 'e'].map((name) => `tag:${name}`)

test('tags are given along every chain, whatever circles there are, and by nobody else', () => {
  const owners = fc.tuple(...tags.map(() => fc.uniqueArray(fc.constantFrom(...tags, 'ann@example.com'), { maxLength: 3 })))
  fc.assert(fc.property(owners, (lists) => {
    const tagOwners = Object.fromEntries(tags.map((tag, i) => [tag, lists[i] ?? []]))
    const policy = policyOf({}, { tagOwners })
    /** Whether `from` leads to `to` in as many steps as there are tags. */
    const leads = (to: string, from: string, steps: number): boolean => to === from || (steps > 0 && (tagOwners[to] ?? []).some((owner) => leads(owner, from, steps - 1)))
    for (const tag of tags) {
      expect(tags.filter((from) => owningTags(policy, tag).has(from))).toEqual(tags.filter((from) => leads(tag, from, tags.length)))
      expect(mayGiveTag(policy, { email: 'ann@example.com', role: 'viewer' }, tag)).toBe(leads(tag, 'ann@example.com', tags.length + 1))
    }
  }), { numRuns: 200 })
})
