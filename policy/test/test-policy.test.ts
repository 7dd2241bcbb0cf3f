import { describe, expect, test } from 'vitest'
import { compilePolicy, parsePolicy, type PolicyNode } from '../index.ts'
import type { PolicyPerson, TestOutcome } from './model.ts'
import { testPolicy } from './test-policy.ts'

const people: PolicyPerson[] = [{ email: 'ann@example.com', role: 'owner' }, { email: 'bob@example.com', role: 'admin' }, { email: 'eve@example.com', role: 'viewer' }]
const node = (id: number, name: string, more: Partial<PolicyNode>): PolicyNode => ({ id, name, addresses: [`100.64.0.${id}`, `fd7a:115c:a1e0::${id}`], tags: [], ...more })
const nodes: PolicyNode[] = [
  node(1, 'ann-1', { owner: 'ann@example.com', ownerRole: 'owner' }),
  node(2, 'ann-2', { owner: 'Ann@example.com', ownerRole: 'owner' }),
  node(3, 'bob-1', { owner: 'bob@example.com', ownerRole: 'admin' }),
  node(5, 'web-1', { tags: ['tag:web'] }),
  node(6, 'web-2', { tags: ['tag:web'] }),
  node(7, 'gw', { tags: ['tag:gw'], routes: ['10.9.0.0/16'] }),
  node(8, 'other-gw', { tags: ['tag:other'], routes: ['10.8.0.0/16', '0.0.0.0/0', '::/0'] }),
  node(9, 'lock', { tags: ['tag:relay'] }),
  node(10, 'site-gw', { tags: ['tag:site'], routes: ['fd7a:115c:a1e0:b1a:0:7::/96'] }),
]

type Document = { grants?: readonly unknown[]; acls?: readonly unknown[]; tests: readonly unknown[]; hosts?: Record<string, string> }

function outcomes({ grants, acls, tests, hosts = { web: '100.64.0.5' } }: Document): readonly TestOutcome[] {
  const text = JSON.stringify({
    tagOwners: { 'tag:web': [], 'tag:gw': [], 'tag:other': [], 'tag:relay': [], 'tag:none': [], 'tag:site': [] },
    groups: { 'group:ops': ['ann@example.com', 'bob@example.com'], 'group:empty': [] }, hosts,
    ipsets: { 'ipset:lan': ['10.9.1.0/24', '10.9.3.0/24'] },
    ...(grants && { grants }), ...(acls && { acls }), tests,
  }, null, 1)
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join(' '))
  return testPolicy(parsed.policy, compilePolicy(parsed.policy), nodes, people)
}

/** Whether a source may reach a destination, with `accept` and `deny` saying the same. */
function reaches(rule: Record<string, unknown>, src: string, dst: string, more: Record<string, unknown> = {}): boolean {
  const [accept, deny] = outcomes({ grants: [rule], tests: [{ src, accept: [dst], ...more }, { src, deny: [dst], ...more }] })
  expect(accept?.passed).toBe(!deny?.passed)
  return accept?.passed ?? false
}

const web = { src: ['group:ops'], dst: ['tag:web'], ip: ['tcp:443'] }

test('what an entry claims and what is so, with lines', () => {
  const grants = [web, { src: ['ann@example.com'], dst: ['tag:web'], ip: ['22'] }]
  expect(outcomes({ grants, tests: [
    { src: 'group:ops', accept: ['tag:web:443', 'tag:web:22'], deny: ['tag:web:80', 'tag:web:443'] },
    { src: 'eve@example.com', deny: ['tag:web:443'] },
  ] }).map(({ entry, src, target, expected, passed, reason }) => `${entry} ${src} ${expected} ${target} ${passed ? 'holds' : 'fails'}: ${reason.replaceAll(/lines? [\d, ]*\d/g, 'LINE')}`)).toEqual([
    '0 group:ops accept tag:web:443 holds: ann-1, ann-2 and bob-1 may reach tag:web:443 by LINE.',
    '0 group:ops accept tag:web:22 fails: No rule lets bob-1 reach tag:web:22: the one on LINE is for tcp:443.',
    '0 group:ops deny tag:web:80 holds: No rule lets ann-1, ann-2 and bob-1 reach tag:web:80.',
    '0 group:ops deny tag:web:443 fails: ann-1, ann-2 and bob-1 may reach tag:web:443 by LINE.',
    '1 eve@example.com deny tag:web:443 holds: No rule lets an imaginary machine of eve@example.com reach tag:web:443.',
  ])
})

test('lines are those of the document', () => {
  const [outcome] = outcomes({ grants: [web], tests: [{ src: 'bob@example.com', accept: ['tag:web:443'] }] })
  expect(outcome?.lines).toHaveLength(1)
  expect(outcome?.reason).toBe(`bob-1 may reach tag:web:443 by line ${outcome?.lines[0]}.`)
  expect(outcome?.place.line).toBeGreaterThan(outcome?.lines[0] ?? Infinity)
})

describe('reaching', () => {
  test('one port, over TCP or UDP unless the entry says which', () => {
    expect(reaches(web, 'ann@example.com', 'tag:web:443')).toBe(true)
    expect(reaches(web, 'ann@example.com', 'tag:web:443', { proto: 'tcp' })).toBe(true)
    expect(reaches(web, 'ann@example.com', 'tag:web:443', { proto: 'udp' })).toBe(false)
    expect(reaches({ ...web, ip: ['udp:50-60'] }, 'ann@example.com', 'tag:web:53')).toBe(true)
    expect(reaches({ ...web, ip: ['53'] }, 'ann@example.com', 'tag:web:53', { proto: '17' })).toBe(true)
    expect(reaches({ ...web, ip: ['53'] }, 'ann@example.com', 'tag:web:53', { proto: 'sctp' })).toBe(false)
    expect(reaches({ ...web, ip: ['sctp:*'] }, 'ann@example.com', 'tag:web:53', { proto: 'sctp' })).toBe(true)
    expect(reaches({ ...web, ip: ['icmp:*'] }, 'ann@example.com', 'tag:web:53')).toBe(false)
  })

  test('capability rules are not looked at', () => {
    expect(reaches({ src: ['*'], dst: ['*'], app: { 'tailscale.com/cap/relay': [] } }, 'ann@example.com', 'tag:web:443')).toBe(false)
  })

  test('all machines of a source must agree, and one address of a destination is enough', () => {
    expect(outcomes({ grants: [{ ...web, src: ['100.64.0.1'] }], tests: [{ src: 'ann@example.com', accept: ['tag:web:443'] }, { src: 'ann@example.com', deny: ['tag:web:443'] }] })
      .map(({ passed, reason }) => [passed, reason.split(' by ')[0]])).toEqual([[false, 'No rule lets ann-2 reach tag:web:443.'], [false, 'ann-1 may reach tag:web:443']])
    expect(reaches({ ...web, dst: ['100.64.0.6'] }, 'bob@example.com', 'tag:web:443')).toBe(true)
  })

  test('addresses need not be a machine’s, and bring no other family along', () => {
    expect(reaches({ ...web, dst: ['10.0.0.0/8'] }, 'ann@example.com', '10.77.0.1:443')).toBe(true)
    expect(reaches({ ...web, dst: ['ipset:lan'] }, 'ann@example.com', '10.9.3.4:443')).toBe(true)
    expect(reaches({ ...web, dst: ['ipset:lan'] }, 'ann@example.com', '10.9.2.4:443')).toBe(false)
    expect(reaches({ ...web, src: ['192.0.2.0/24'] }, '192.0.2.9', 'tag:web:443')).toBe(true)
    expect(reaches({ ...web, src: ['192.0.2.0/24'] }, '198.51.100.9', 'tag:web:443')).toBe(false)
    expect(reaches({ ...web, dst: ['100.64.0.5'] }, 'ann@example.com', 'web:443')).toBe(true)
    expect(reaches({ ...web, dst: ['100.64.0.5'] }, 'ann@example.com', '[fd7a:115c:a1e0::5]:443')).toBe(false)
    // An address of a machine is all that the machine is in the rule: its v4 does the work.
    expect(reaches(web, '100.64.0.3', '100.64.0.5:443')).toBe(true)
    expect(reaches({ ...web, src: ['fd7a:115c:a1e0::3'] }, '100.64.0.3', 'tag:web:443')).toBe(false)
  })

  test('"*" as a source is the network and approved routes, danger-all everybody', () => {
    const any = { ...web, src: ['*'] }
    expect(['tag:gw', '100.64.9.9', '10.9.0.1', '10.7.0.1', '100.115.92.1'].map((src) => reaches(any, src, 'tag:web:443'))).toEqual([true, true, true, false, false])
    expect(reaches({ ...web, src: ['autogroup:danger-all'] }, '203.0.113.1', 'tag:web:443')).toBe(true)
  })

  test('the internet is the public space', () => {
    const out = { ...web, dst: ['autogroup:internet'] }
    expect(['8.8.8.8:443', '10.1.1.1:443', '[2001:4860::1]:443', 'tag:web:443'].map((dst) => reaches(out, 'ann@example.com', dst))).toEqual([true, false, true, false])
  })

  test('via needs a router with the tag and an overlapping route', () => {
    const via = { ...web, dst: ['10.0.0.0/8'], via: ['tag:gw'] }
    expect(reaches(via, 'ann@example.com', '10.9.0.1:443')).toBe(true)
    expect(reaches({ ...via, via: ['tag:web'] }, 'ann@example.com', '10.9.0.1:443')).toBe(false)
    expect(reaches({ ...via, dst: ['10.8.0.0/16'] }, 'ann@example.com', '10.8.0.1:443')).toBe(false)
    expect(reaches({ ...via, dst: ['tag:web'] }, 'ann@example.com', 'tag:web:443')).toBe(false)
    // Of "*" only what a route of 4via6 lies in, and that as a whole.
    const all = ['tag:gw', 'tag:site'].map((tag) => ({ ...via, dst: ['*'], via: [tag] }))
    expect(all.map((rule) => reaches(rule, 'ann@example.com', '[fd7a:115c:a1e0:b1a:0:7:a09:1]:443'))).toEqual([false, true])
    expect(all.map((rule) => reaches(rule, 'ann@example.com', '10.9.0.1:443'))).toEqual([false, false])
    const out = { ...web, dst: ['autogroup:internet'] }
    expect(['tag:gw', 'tag:other'].map((tag) => reaches({ ...out, via: [tag] }, 'ann@example.com', '8.8.8.8:443'))).toEqual([false, true])
  })

  test('self is for machines of one person', () => {
    const self = { src: ['autogroup:member'], dst: ['autogroup:self'], ip: ['*'] }
    expect(reaches(self, 'ann@example.com', 'autogroup:self:22')).toBe(true)
    expect(reaches(self, 'group:ops', 'autogroup:self:22')).toBe(true)
    expect(reaches(self, '100.64.0.1', '100.64.0.2:22')).toBe(true)
    expect(reaches(self, 'ann@example.com', 'bob@example.com:22')).toBe(false)
    expect(reaches(self, 'eve@example.com', 'autogroup:self:22')).toBe(true)
    expect(reaches({ ...self, src: ['bob@example.com'] }, 'ann@example.com', 'autogroup:self:22')).toBe(false)
    expect(reaches(self, 'tag:web', 'tag:web:22')).toBe(false)
    const [tagged] = outcomes({ grants: [self], tests: [{ src: 'tag:web', deny: ['autogroup:self:22'] }] })
    expect(tagged).toMatchObject({ passed: false, reason: 'web-1 is nobody’s machine: "autogroup:self" needs a source that is a person’s, without tags.' })
  })
})

describe('who has no machine today', () => {
  test('is tested with an imaginary one of that identity', () => {
    const cases: readonly (readonly [rule: string, src: string, expected: boolean])[] = [
      ['tag:none', 'tag:none', true], ['autogroup:tagged', 'tag:none', true], ['autogroup:member', 'tag:none', false],
      ['eve@example.com', 'eve@example.com', true], ['user:*@example.com', 'eve@example.com', true], ['group:ops', 'eve@example.com', false],
      ['group:empty', 'group:empty', true], ['autogroup:member', 'group:empty', true], ['autogroup:admin', 'eve@example.com', false],
    ]
    for (const [rule, src, expected] of cases) expect([rule, src, reaches({ ...web, src: [rule] }, src, 'tag:web:443')]).toEqual([rule, src, expected])
    expect(reaches({ ...web, dst: ['tag:none'] }, 'ann@example.com', 'tag:none:443')).toBe(true)
    expect(reaches({ ...web, dst: ['tag:web'] }, 'ann@example.com', 'tag:none:443')).toBe(false)
  })

  test('must exist, as a person, unlike in a rule', () => {
    const found = outcomes({ grants: [{ ...web, src: ['*'] }], tests: [{ src: 'nobody@example.com', accept: ['tag:web:443'] }, { src: 'tag:web', deny: ['nobody@example.com:443'] }] })
    expect(found.map(({ passed, reason }) => [passed, reason])).toEqual(
      Array.from({ length: 2 }, () => [false, 'Nobody here has the e-mail nobody@example.com: a test needs a person who exists.']))
  })
})

test('without acls and grants everything is let through, relays alone are not', () => {
  expect(outcomes({ tests: [{ src: 'eve@example.com', accept: ['tag:web:443'], deny: ['tag:web:22'] }, { relay: [{ src: 'tag:web', via: 'tag:relay', accept: true }] }] })
    .map(({ passed }) => passed)).toEqual([true, false, false])
})

test('acls are tested as the grants that they are', () => {
  expect(outcomes({ acls: [{ action: 'accept', src: ['*'], dst: ['tag:web:443', 'autogroup:self:22'] }], tests: [
    { src: 'bob@example.com', accept: ['tag:web:443', 'autogroup:self:22'], deny: ['tag:web:22'] }] }).map(({ passed }) => passed)).toEqual([true, true, true])
})

describe('relay tests', () => {
  const grants = [{ src: ['group:ops'], dst: ['tag:relay'], app: { 'tailscale.com/cap/relay': [] } }]
  const relay = (one: Record<string, unknown>) => outcomes({ grants, tests: [{ relay: [one] }] })[0]

  test('say whether a source may allocate', () => {
    expect(relay({ src: 'ann@example.com', via: 'tag:relay', accept: true })).toMatchObject({ kind: 'relay', passed: true, reason: expect.stringMatching(/^ann-1 and ann-2 may use tag:relay by line \d+\.$/) })
    expect(relay({ src: 'tag:web', via: 'tag:relay', deny: true })).toMatchObject({ passed: true, reason: 'No grant lets web-1 and web-2 use tag:relay.', lines: [] })
    expect(relay({ src: 'tag:web', via: 'tag:relay', accept: true })).toMatchObject({ passed: false, reason: expect.stringMatching(/^No grant lets web-1 and web-2 use tag:relay; near is line \d+\.$/) })
    expect(relay({ src: 'ann@example.com', via: '100.64.0.9', deny: true })).toMatchObject({ passed: false, reason: expect.stringMatching(/^ann-1 and ann-2 may use 100\.64\.0\.9/) })
    expect(relay({ src: 'eve@example.com', via: 'tag:none', accept: true })).toMatchObject({ passed: false })
  })

  test('need machines, and two of them', () => {
    expect(relay({ src: 'ann@example.com', via: '100.64.0.200', deny: true })).toMatchObject({ passed: false, reason: 'No machine has the address 100.64.0.200: a relay test needs machines.' })
    expect(relay({ src: 'tag:relay', via: '100.64.0.9', deny: true })).toMatchObject({ passed: false, reason: 'tag:relay and 100.64.0.9 are one machine: no relay is of use to itself.' })
    expect(relay({ src: 'nobody@example.com', via: 'tag:relay', deny: true })).toMatchObject({ passed: false, reason: expect.stringContaining('Nobody here has the e-mail') })
  })
})
