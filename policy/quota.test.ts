import { expect, test } from 'vitest'
import { explainRelayUse } from './explain.ts'
import { chargedGrant, type CompiledPolicy, compilePolicy, mayReach, mayUseRelay, monthName, monthOf, monthsLater, nextMonthAt, parsePolicy, quotaGrants, relayTerms, subjectOf, usedUpGrants, withoutUsedUp } from './index.ts'

const client = { id: 1, name: 'ann-laptop', addresses: ['100.64.1.1'], tags: [], owner: 'ann@example.com' }
const relay = { id: 9, name: 'relay-1', addresses: ['100.64.1.9'], tags: ['tag:relay'] }

function compile(...grants: readonly object[]): CompiledPolicy {
  const parsed = parsePolicy(`{"tagOwners": {"tag:relay": []}, "grants": [\n${grants.map((grant) => JSON.stringify(grant)).join(',\n')}\n]}`)
  if (!parsed.ok) throw new Error(parsed.problems[0]?.message)
  return compilePolicy(parsed.policy)
}
const grant = (src: string, value: object = {}, more: object = {}): object => ({ src: [src], dst: ['tag:relay'], app: { 'tailscale.com/cap/relay': [value] }, ...more })
const ends = (policy: CompiledPolicy) => [subjectOf(policy, client), subjectOf(policy, relay)] as const

test('a grant whose quota is used up gives no relay and everything else', () => {
  const policy = compile(grant('ann@example.com', { quota: '2TiB/month' }, { ip: ['22'] }))
  const [first] = quotaGrants(policy)
  expect(first).toMatchObject({ line: 2, quota: 2 * 1024 ** 4 })
  const limited = withoutUsedUp(policy, new Set([first?.key ?? '']))
  expect([mayUseRelay(policy, client, relay).allowed, mayUseRelay(limited, client, relay).allowed, mayReach(limited, client, relay).allowed]).toEqual([true, false, true])
  expect(usedUpGrants(limited, ...ends(limited))).toMatchObject([{ line: 2, quota: 2 * 1024 ** 4 }])
  expect(usedUpGrants(policy, ...ends(policy))).toEqual([])
})

test('what is explained says that the quota is used up, and with which line', () => {
  const policy = compile(grant('ann@example.com', { quota: '2TiB/month' }), grant('bob@example.com'))
  const limited = withoutUsedUp(policy, new Set(quotaGrants(policy).map(({ key }) => key)))
  expect(explainRelayUse(limited, client, relay)).toEqual({
    allowed: false, line: 2,
    sentence: 'The quota of 2 TiB a month of the grant on line 2 is used up: ann-laptop may use relay-1 again when the next month begins or the quota is raised.',
  })
})

test('another grant goes on, and keeps its key', () => {
  const policy = compile(grant('ann@example.com', { quota: '1GB/month' }), grant('ann@example.com', { quota: '2GB/month' }))
  const [first, second] = quotaGrants(policy)
  const limited = withoutUsedUp(policy, new Set([first?.key ?? '']))
  expect(mayUseRelay(limited, client, relay)).toMatchObject({ allowed: true, lines: [{ line: 3 }] })
  expect(relayTerms(limited, ...ends(limited))?.grants.map(({ key }) => key)).toEqual([second?.key])
  expect(explainRelayUse(limited, client, relay).allowed).toBe(true)
})

test('with nothing used up the policy is the same object', () => {
  const policy = compile(grant('ann@example.com'))
  expect(withoutUsedUp(policy, new Set(['unknown']))).toBe(policy)
})

const paying = (grantIndex: number, quota?: number) => ({ grantIndex, line: grantIndex + 1, key: `g${grantIndex}`, ...(quota === undefined ? {} : { quota }) })

test.each([
  ['nobody where one has no quota', [paying(0, 10), paying(1)], {}, undefined],
  ['nobody where there is none', [], {}, undefined],
  ['the first of the document', [paying(2, 10), paying(1, 10)], {}, 'g1'],
  ['the next when it has no room', [paying(1, 10), paying(2, 10)], { g1: 10 }, 'g2'],
  ['one with a byte of room', [paying(1, 10), paying(2, 10)], { g1: 9 }, 'g1'],
  ['the last when none has room', [paying(1, 10), paying(2, 10)], { g1: 11, g2: 30 }, 'g2'],
])('charged is %s', (_, grants, used: Readonly<Record<string, number>>, key) => {
  expect(chargedGrant(grants, (one) => used[one] ?? 0)?.key).toBe(key)
})

test('months are of UTC', () => {
  const last = Date.UTC(2026, 11, 31, 23, 59, 59, 999)
  expect([monthOf(last), monthOf(nextMonthAt(last)), nextMonthAt(last), monthName(last)]).toEqual(['2026-12', '2027-01', last + 1, 'December'])
  expect(monthOf(monthsLater(Date.UTC(2026, 0, 31), -12))).toBe('2025-01')
})
