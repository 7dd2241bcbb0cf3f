import { expect, test } from 'vitest'
import { compilePolicy, parsePolicy } from '@/policy/index.ts'
import { accessAnswer } from './answer.ts'
import { grantCounts, policyNodes, relayUsers } from './counts.ts'
import { changedWords, saveBlocker, saveLabel } from './saving.ts'

const ending = { id: '1', a: 'a', b: 'b', relay: 'lock-1', reason: 'grant removed', bits: 0, next: [] }
const moving = { ...ending, next: ['quay-2'] }

test.each([
  [undefined, 'Save policy'],
  [{ ends: [], total: 0 }, 'Save policy'],
  [{ ends: [ending], total: 1 }, 'Save: 1 session moves to DERP'],
  [{ ends: [ending, ending], total: 2 }, 'Save: 2 sessions move to DERP'],
  [{ ends: [moving], total: 1 }, 'Save: 1 session moves to another relay'],
  [{ ends: [moving, ending, moving], total: 3 }, 'Save: 3 sessions move, 1 to DERP'],
  [{ ends: [ending], total: 1_200 }, 'Save: 1,200 sessions move'],
])('the button says what saving does: %#', (endings, label) => {
  expect(saveLabel(endings)).toBe(label)
})

test('what keeps from saving has its reason, the strongest first', () => {
  const ready = { mayWrite: true, changed: true, errors: 0, failing: 0, saving: false }
  expect(saveBlocker(ready)).toBeUndefined()
  expect(saveBlocker({ ...ready, mayWrite: false, errors: 1 })).toContain('viewer')
  expect(saveBlocker({ ...ready, changed: false })).toContain('Nothing has changed')
  expect(saveBlocker({ ...ready, errors: 2, failing: 1 })).toBe('Correct the 2 errors first.')
  expect(saveBlocker({ ...ready, failing: 2 })).toBe('2 tests fail: change the rule or the test first.')
})

test.each([
  [[], ''], [[4], 'Draft changes line 4.'], [[5, 4, 3], 'Draft changes lines 3 to 5.'], [[1, 3, 4, 9], 'Draft changes lines 1, 3 to 4 and 9.'],
  [[1, 3, 5, 7, 9, 11], 'Draft changes lines 1, 3, 5, 7 and 2 more places.'],
])('lines %j read "%s"', (lines, words) => {
  expect(changedWords(new Set(lines))).toBe(words)
})

test('a grant counts the machines on both of its sides, roles included', () => {
  const parsed = parsePolicy(`{
    "tagOwners": {"tag:relay": []},
    "grants": [
      {"src": ["autogroup:owner", "100.64.0.3"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": []}},
      {"src": ["*"], "dst": ["autogroup:member"], "ip": ["*"]},
    ]}`)
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const nodes = policyNodes([
    { id: 1, name: 'lock-1', addresses: ['100.64.0.1'], tags: ['tag:relay'], owner: null },
    { id: 2, name: 'barge', addresses: ['100.64.0.2'], tags: [], owner: 'Ann@example.com' },
    { id: 3, name: 'punt', addresses: ['100.64.0.3'], tags: [], owner: 'bob@example.com' },
  ], new Map([['ann@example.com', 'owner'], ['bob@example.com', 'viewer']]))
  expect([...grantCounts(compilePolicy(parsed.policy), nodes, [{ index: 0, rules: [0] }, { index: 1, rules: [1] }])]).toEqual([[0, { from: 2, to: 1 }], [1, { from: 3, to: 2 }]])
  expect(relayUsers(compilePolicy(parsed.policy), nodes)).toEqual({ named: 2, wildcardOnly: 0 })
})

test('a wildcard gives a relay to everybody but to itself', () => {
  const parsed = parsePolicy('{"tagOwners": {"tag:relay": []}, "grants": [{"src": ["*"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": []}}]}')
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems))
  const machine = (id: number, tags: string[]) => ({ id, name: `m${id}`, addresses: [`100.64.0.${id}`], tags, owner: null })
  const count = (...machines: ReturnType<typeof machine>[]) => relayUsers(compilePolicy(parsed.policy), policyNodes(machines, new Map()))
  expect(count(machine(1, ['tag:relay']), machine(2, []))).toEqual({ named: 0, wildcardOnly: 1 })
  expect(count(machine(1, ['tag:relay']), machine(2, ['tag:relay']))).toEqual({ named: 0, wildcardOnly: 2 })
})

test.each([
  [0, 0, 0, 'No machine has joined yet, so nobody uses these grants yet.'],
  [1, 0, 0, 'Only one machine has joined, so nobody uses these grants yet.'],
  [5, 0, 0, 'No machine may use a relay: every pair without a direct path uses DERP.'],
  [5, 5, 0, 'All 5 machines may use a relay.'],
  [5, 0, 4, '4 of 5 machines may use a relay, by a wildcard.'],
  [5, 3, 1, '4 of 5 machines may use a relay, 1 of them only by a wildcard.'],
])('%i machines, %i named, %i by a wildcard', (machines, named, wildcardOnly, words) => {
  const { strong, rest } = accessAnswer(machines, { named, wildcardOnly })
  expect(`${strong} ${rest}`.trim()).toBe(words)
})
