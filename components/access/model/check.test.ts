import { describe, expect, test } from 'vitest'
import { defaultPolicy } from '@/policy/index.ts'
import { applyFix, checkText, firstProblem, grantAtLine, knownTags, mergeProblems, problemSummary, testProblems, type EditorProblem } from './check.ts'

const policy = `{
  "tagOwners": {"tag:relay": [], "tag:ci": []},
  "grants": [
    // Builds go first.
    // Then the rest.
    {
      "src": ["tag:ci"],
      "dst": ["tag:relay"],
      "app": {"tailscale.com/cap/relay": [{"prefer": 10, "maxSessions": 1}]},
    },
    {"src": ["*"], "dst": ["*"], "ip": ["443"]},
    {"src": ["*"], "dst": ["*"], "ip": ["tcp:80-90", "icmp:*"], "app": {"example.com/cap/x": [1]}},
  ],
}
`

describe('the grants of a text as rows', () => {
  test('who, what, which lines, and the comment above', () => {
    const { grants, problems } = checkText(policy)
    expect(problems).toEqual([])
    expect(grants).toMatchObject([
      {
        index: 0, line: 6, endLine: 10, src: ['tag:ci'], dst: ['tag:relay'], gives: [{ kind: 'relay', detail: 'prefer 10, 1 session' }],
        comment: 'Builds go first.\nThen the rest.', commentLines: 2,
      },
      { index: 1, line: 11, endLine: 11, src: ['*'], dst: ['*'], gives: [{ kind: 'reach', detail: 'port 443' }], comment: '', commentLines: 0 },
      {
        index: 2, line: 12, endLine: 12, src: ['*'], dst: ['*'],
        gives: [{ kind: 'reach', detail: 'TCP 80–90, ICMP' }, { kind: 'capability', detail: 'example.com/cap/x' }], comment: '', commentLines: 0,
      },
    ])
  })

  test.each([
    ['[{}]', 'no limit'], ['[]', 'no limit'], ['[{"prefer": 1}, {}]', 'no limit'], ['[{"family": "ipv4"}]', 'IPv4 only'],
    ['[{"quota": "2TiB/month"}]', '2 TiB/month'], ['[{"maxRate": "50mbit"}]', '50 Mbit/s'], ['[{"maxSessions": 20}, {"family": "ipv6"}]', '20 sessions, or IPv6 only'],
  ])('relay parameters %s are %s', (values, words) => {
    const { grants } = checkText(`{"grants": [{"src": ["*"], "dst": ["*"], "app": {"tailscale.com/cap/relay": ${values}}}]}`)
    expect(grants[0]?.gives).toEqual([{ kind: 'relay', detail: words }])
  })

  test('a line belongs to the grant around it, its comment included', () => {
    const { grants } = checkText(policy)
    expect([3, 4, 6, 10, 11, 13].map((line) => grantAtLine(grants, line)?.index)).toEqual([undefined, 0, 0, 0, 1, undefined])
  })

  test('the first policy of an installation has nothing to complain of', () => {
    expect(problemSummary(checkText(defaultPolicy()).problems)).toBe('No problems')
    expect(checkText(defaultPolicy()).grants.map(({ gives }) => gives[0]?.kind)).toEqual(['reach', 'relay'])
  })
})

describe('problems', () => {
  test('a test that fails is one, at its place and with its sentence, and no error of the text', () => {
    const failed = { line: 3, column: 2, from: 20, to: 30, message: 'Test fails: "a" should reach "b:1". No rule lets a reach b:1.', src: 'a', target: 'b:1', expected: 'accept' as const, reason: '' }
    const problems = testProblems({ total: 2, passed: 1, failed: [failed] })
    expect(problems).toEqual([{ severity: 'error', line: 3, column: 2, from: 20, to: 30, message: failed.message, fix: '', isTest: true }])
    expect([problemSummary(problems), problemSummary([...problems, ...problems])]).toEqual(['1 test fails', '2 tests fail'])
    const warning: EditorProblem = { severity: 'warning', line: 1, column: 1, from: 0, to: 0, message: '', fix: '' }
    expect(problemSummary([warning, { ...warning, severity: 'error' }, ...problems])).toBe('1 error, 1 test fails, 1 warning')
    expect([firstProblem([warning, ...problems])?.line, firstProblem([warning])?.line, firstProblem([])]).toEqual([3, 1, undefined])
  })

  const wrong = '{"grunts": [],\n "tagOwners": {"relay": []}}'

  test('each has its place, and a fix that one press makes where there is one', () => {
    const { problems, grants } = checkText(wrong)
    expect(grants).toEqual([])
    expect(problems.map(({ severity, line, column }) => [severity, line, column])).toEqual([['error', 1, 2], ['error', 2, 16]])
    const change = problems[0]?.change
    if (change === undefined) throw new Error('the unknown key has no fix')
    expect(applyFix(wrong, change)).toContain('{"grants": []')
  })

  test('the control plane adds what the browser cannot know, once', () => {
    const { problems } = checkText(wrong)
    const more: EditorProblem = { severity: 'warning', line: 2, column: 1, from: 15, to: 16, message: 'tag:x is on 2 machines', fix: '' }
    expect(mergeProblems(problems, [...problems, more]).map(({ from }) => from)).toEqual([1, 15, 30])
  })

  test('what the control plane alone can advise is added to a problem that the browser knows', () => {
    const { problems } = checkText('{"grants": [{"src": ["sim-1"], "dst": ["*"], "ip": ["*"]}]}')
    const advised = problems.map((problem) => ({ ...problem, fix: 'write 100.64.0.5' }))
    expect(problems.map(({ fix }) => fix)).toEqual([''])
    expect(mergeProblems(problems, advised)).toEqual(advised)
  })

  test('a summary counts both kinds', () => {
    const of = (...severities: EditorProblem['severity'][]): string =>
      problemSummary(severities.map((severity) => ({ severity, line: 1, column: 1, from: 0, to: 0, message: '', fix: '' })))
    expect([of(), of('warning'), of('error'), of('error', 'error', 'warning')])
      .toEqual(['No problems', '1 warning, no errors', '1 error', '2 errors, 1 warning'])
  })
})

test('tags to complete from are those that have owners, and none while the text does not parse', () => {
  expect(knownTags(policy)).toEqual(['tag:ci', 'tag:relay'])
  expect(knownTags('{')).toEqual([])
})
