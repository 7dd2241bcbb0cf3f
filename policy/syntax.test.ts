import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePolicy } from './parse.ts'
import { createReporter } from './problem.ts'
import { type Node, parseSyntax } from './syntax.ts'
import { placedProblems } from './read/placed-problems.ts'

test.each([
  ['', '1:1 error syntax A value is expected here.'],
  ['// nothing', '1:11 error syntax A value is expected here.'],
  ['{"grants": [}', '1:13 error syntax A value is expected here.'],
  ['{"grants": [,]}', '1:13 error syntax A value is expected here.'],
  ['{,}', '1:2 error syntax A key in double quotes is expected here.'],
  ['{"grants": [],,}', '1:15 error syntax A key in double quotes is expected here.'],
  ['{grants: []}', '1:2 error syntax A key in double quotes is expected here.'],
  ["{'grants': []}", '1:2 error syntax A key in double quotes is expected here.'],
  ['{"grants" []}', '1:11 error syntax A colon is expected here.'],
  ['{"grants": []\n "hosts": {}}', '1:14 error syntax A comma is expected here.'],
  ['{"grants": [] /* no */ "hosts": {}}', '1:14 error syntax A comma is expected here.'],
  ['{"grants": []', '1:14 error syntax A "}" is expected here: it closes what line 1 opens.'],
  ['{"grants": [}', '1:13 error syntax A value is expected here.'],
  ['{"grants": [["a"}', '1:17 error syntax A comma or a "]" is expected here.'],
  ['{"a": 0x10}', '1:7 error syntax This is not a number.'],
  ['{"a": 01}', '1:7 error syntax This is not a number.'],
  ['{"a": 1.}', '1:7 error syntax This is not a number.'],
  ['{"a": yes}', '1:7 error syntax This is not JSON'],
  ['{"a": "b\n"}', '1:7 error syntax This string is not closed.'],
  ['{"a": "\t"}', '1:8 error syntax A raw tab stands in this string'],
  ['{"a": "\\x"}', '1:8 error syntax JSON has no such escape.'],
  ['{"a": "\\u12"}', '1:8 error syntax JSON has no such escape.'],
  ['{} /* a', '1:4 error syntax This comment is not closed.'],
  ['{} /* /* a */ */', '1:15 error syntax The policy is one object'],
  ['{} {}', '1:4 error syntax The policy is one object: nothing may follow it.'],
  ['{}\u00a0', '1:3 error syntax The policy is one object'],
  ['{"hosts": {"a\\u202eb": "10.0.0.1"}}', '1:12 error encoding This string contains a direction mark'],
  ['{"hosts": {"a\\ud800b": "10.0.0.1"}}', '1:12 error encoding This string contains half a character.'],
  ['{"grants": [{"src": [], "dst": [], "app": {"a.b/c": [1e999]}}]}', '1:54 error invalid-value This number is too large.'],
])('%j: %s', (text, problem) => {
  expect(placedProblems(text)[0]).toContain(problem)
  expect(parsePolicy(text).ok).toBe(false)
})

test('behind a comma that is missing, reading goes on', () => {
  expect(placedProblems('{"a": [1 2]}')).toHaveLength(1)
  expect(placedProblems('{"hosts": {"a": "10.0.0.1" "b": "10.0.0.2"} "groups": {}}').map((problem) => problem.split(' ')[0])).toEqual(['1:27', '1:44'])
})

test('lines are counted as editors count them', () => {
  expect(placedProblems('{\r\n"a": 1,\r"b": 2,\n"c": 3}').map((problem) => problem.split(' ')[0])).toEqual(['2:1', '3:1', '4:1'])
})

function valueOf(node: Node): unknown {
  if (node.type === 'array') return (node.children ?? []).map(valueOf)
  if (node.type !== 'object') return node.value
  return Object.fromEntries((node.children ?? []).map(({ children: [key, value] = [] }) => [key?.value, value && valueOf(value)]))
}

test('any JSON reads as what it says, however it is spaced and commented', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(0, 1, '\t'), fc.constantFrom('', ' // a\n', '/* ] */', '\r\n'), (json, indent, between) => {
    const text = between + JSON.stringify(JSON.parse(json), null, indent) + between
    const report = createReporter(text)
    const root = parseSyntax(text, report)
    expect(report.problems()).toEqual([])
    expect(root === undefined ? undefined : valueOf(root)).toEqual(JSON.parse(json))
  }), { numRuns: 500 })
})
