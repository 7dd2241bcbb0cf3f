import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defaultPolicy, parsePolicy } from './index.ts'

function problemsOf(text: string): string[] {
  return parsePolicy(text).problems.map(({ line, column, severity, message }) => `${line}:${column} ${severity} ${message}`)
}

test('the first policy is valid, without a warning', () => {
  expect(parsePolicy(defaultPolicy())).toMatchObject({ ok: true, problems: [] })
})

test.each([
  ['', '1:1 error A value is expected here.'],
  ['[]', '1:1 error The policy must be an object.'],
  ['{"grants": [}', '1:13 error A value is expected here.'],
  ['{\n  "grant": []\n}', '2:3 error Unknown key "grant" in the policy. Did you mean "grants"?'],
  ['{"groups": {}, "Groups": {}}', '1:16 error The key "Groups" occurs twice in this object: case does not count.'],
  ['{} // \u202e', '1:7 error U+202E is a direction mark, which makes text read otherwise than it is: remove it.'],
  ['{"a\u0001": 1}', '1:4 error U+0001 is a control character: remove it.'],
  ['\ufeff{}', '1:1 error The text starts with a byte order mark: remove it.'],
  ['[[['.repeat(50), '1:101 error Brackets are nested more than 100 deep.'],
  ['{} {}', '1:4 error The policy is one object: nothing may follow it.'],
  ['{"grants": [{"src": ["tag:x"], "dst": ["*"], "ip": ["*"]}]}', '1:22 error The tag "tag:x" is not defined in "tagOwners".'],
  [
    '{"groups": {"group:ops": []}, "grants": [{"src": ["group:op"], "dst": ["*"], "ip": ["*"]}]}',
    '1:51 error The group "group:op" is not defined in "groups". Did you mean "group:ops"?',
  ],
  [
    '{"grants": [{"src": ["nas"], "dst": ["*"], "ip": ["*"]}]}',
    '1:22 error "nas" is neither an address nor a person, and not defined in "hosts".',
  ],
  ['{"grants": [{"src": ["*"], "dst": ["*"]}]}', '1:13 error This grant gives nothing: "ip" and "app" cannot both be empty.'],
  ['{"grants": [{"src": "*", "dst": ["*"], "ip": ["*"]}]}', '1:21 error "src" must be a list.'],
  ['{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["tcp"]}]}', '1:49 error "tcp" is a protocol without ports: write "tcp:*".'],
  [
    '{"grants": [{"src": ["*"], "dst": ["*"], "app": {"tailscale.com/cap/relay-target": []}}]}',
    '1:50 error "tailscale.com/cap/relay-target" comes by itself with "tailscale.com/cap/relay": grant that one.',
  ],
  [
    '{"grants": [{"src": ["*"], "dst": ["*"], "app": {"tailscale.com/cap/relay": [{"maxSessions": 0}]}}]}',
    '1:94 error "maxSessions" must be a whole number from 1.',
  ],
  ['{"groups": {"group:a": ["group:a"]}}', '1:25 error "group:a": a group cannot be in a group; list its people.'],
  ['{"groups": {"ops": []}}', '1:13 error "ops" must start with "group:" and a name.'],
  ['{"hosts": {"nas": "ten"}}', '1:19 error "ten" is not an address or a range such as 10.0.0.0/8.'],
  ['{"tagOwners": {"tag:1": []}}', '1:16 error "tag:1" must be "tag:", a letter, then letters, digits, "-", "_" or ".".'],
  ['{"grants": [{"src": ["*"], "dst": ["::/0"], "ip": ["*"]}]}', '1:36 error "::/0" as a destination: to allow all addresses, use "*" or "autogroup:internet".'],
  ['{"tagOwners": {"tag:a": ["autogroup:auditor"]}}', '1:26 warning "autogroup:auditor" is always empty here: there is no such role.'],
  ['{"ssh": []}', '1:2 warning "ssh" has no effect here: no SSH policy is sent.'],
])('%j: %s', (text, problem) => {
  expect(problemsOf(text)[0]).toBe(problem)
  expect(parsePolicy(text).ok).toBe(problem.includes(' warning '))
})

test('comments, trailing commas, keys in any case and blanks around selectors are accepted', () => {
  const text = '/* a */ {"Grants": [{"SRC": [" * ",], "dst": ["10.0.0.1-10.0.0.9", "2001:db8::/32"], "ip": ["tcp:80-443,22"],},],} // b'
  expect(parsePolicy(text)).toMatchObject({ ok: true, problems: [] })
})

test('a document of 1 MiB is refused', () => {
  expect(parsePolicy(`{}${' '.repeat(1 << 20)}`).problems[0]?.message).toContain('1 MiB')
})

test('a fix can be applied as it is', () => {
  const text = '{"grant": []}'
  const fix = parsePolicy(text).problems[0]?.fix
  if (fix === undefined) throw new Error('no fix')
  expect(parsePolicy(text.slice(0, fix.offset) + fix.replacement + text.slice(fix.offset + fix.length)).ok).toBe(true)
})

test('no text makes it throw, and every problem lies inside the text', () => {
  const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"grants"', '"src"', '"*"', '"tag:a"', '"app"', '//', '/*', '*/', '\n', '1', '"', '\\u00', 'null')
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')))
  fc.assert(fc.property(texts, (text) => {
    for (const problem of parsePolicy(text).problems) {
      expect(problem.offset + problem.length).toBeLessThanOrEqual(text.length)
      expect(problem.line).toBeGreaterThan(0)
      expect(problem.column).toBeGreaterThan(0)
    }
  }), { numRuns: 2000 })
})

test('what plain JSON refuses, text without comments and trailing commas, is refused too', () => {
  const pieces = fc.constantFrom('{', '}', '[', ']', ',', ':', '"hosts"', '"grants"', ' ', '\u00a0', '\v', '01', '-', "'", 'x')
  fc.assert(fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
    const text = parts.join('')
    if (/,\s*[\]}]/.test(text) || !parsePolicy(text).ok) return
    expect(() => JSON.parse(text)).not.toThrow()
  }), { numRuns: 3000 })
})

describe('whole documents, each with all its problems', () => {
  test.each(['first-steps', 'from-elsewhere', 'reviewed-in-haste'])('%s', async (name) => {
    const text = await readFile(new URL(`read/golden/${name}.hujson`, import.meta.url), 'utf8')
    await expect(`${problemsOf(text).join('\n')}\n`).toMatchFileSnapshot(`read/golden/${name}.txt`)
  })
})

test.each([
  ['a key that is set elsewhere', '{\n  "magicDNS": true, // here\n  "grants": [],\n}', 'Remove "magicDNS"', '{\n  "grants": [],\n}'],
  ['the last key of a line', '{"grants": [], "magicDNS": {"a": [1, 2]}}', 'Remove "magicDNS"', '{"grants": []}'],
  ['a condition', '{"grants": [{"src": ["*"], "srcPosture": ["posture:x"], "dst": ["*"], "ip": ["*"]}]}', 'Remove "srcPosture"', '{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}'],
  ['an unknown key', '{"somethingElse": 1}', 'Remove "somethingElse"', '{}'],
  ['a group in a group', '{"groups": {"group:a": ["ann@example.com", "bob@example.com"], "group:b": ["group:a"]}}', 'Put its people here', '{"groups": {"group:a": ["ann@example.com", "bob@example.com"], "group:b": ["ann@example.com", "bob@example.com"]}}'],
  ['a missing comma', '{"grants": []\n "hosts": {}}', 'Insert ","', '{"grants": [],\n "hosts": {}}'],
  ['a direction mark', '{"grants": []} // \u202e.', 'Remove it', '{"grants": []} // .'],
  ['a byte order mark', '\ufeff{}', 'Remove it', '{}'],
])('%s has its fix', (_, text, label, fixed) => {
  const { problems: [problem] } = parsePolicy(text)
  const fix = problem?.fix
  if (fix === undefined) throw new Error('no fix')
  const made = text.slice(0, fix.offset) + fix.replacement + text.slice(fix.offset + fix.length)
  expect([fix.label, made, parsePolicy(made).ok]).toEqual([label, fixed, true])
})

test('a group whose entries are no people has no fix that writes them elsewhere', () => {
  const { problems } = parsePolicy('{"tagOwners": {"tag:x": []}, "groups": {"group:a": ["tag:x"], "group:b": ["group:a"], "group:c": ["group:c"]}}')
  expect(problems.map(({ code, fix }) => [code, fix])).toEqual(Array.from({ length: 3 }, () => ['not-allowed-here', undefined]))
})
