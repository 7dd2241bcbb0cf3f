import { expect, test } from 'vitest'
import { checkText } from './check.ts'
import { claimWords, draftOutcomes, emptyTest, tryTest, type TestForm } from './tests.ts'

const network = {
  nodes: [
    { id: 1, name: 'ann-1', addresses: ['100.64.0.1', 'fd7a:115c:a1e0::1'], tags: [], owner: 'ann@example.com' },
    { id: 2, name: 'web-1', addresses: ['100.64.0.2', 'fd7a:115c:a1e0::2'], tags: ['tag:web'] },
  ],
  people: [{ email: 'ann@example.com' }],
}
const text = `{
  "tagOwners": {"tag:web": []},
  // who may see the site
  "grants": [{"src": ["ann@example.com"], "dst": ["tag:web"], "ip": ["tcp:443"]}],
  "tests": [
    {"src": "ann@example.com", "accept": ["tag:web:443"], "deny": ["tag:web:443"]}, // one of the two
  ],
}
`
const form = (change: Partial<TestForm>): TestForm => ({ ...emptyTest, src: 'ann@example.com', dst: 'tag:web', port: '443', ...change })

test('of a draft, tests that fail come first', () => {
  expect(draftOutcomes(checkText(text), network)?.map(({ expected, passed }) => [expected, passed])).toEqual([['deny', false], ['accept', true]])
  expect(draftOutcomes(checkText('{'), network)).toBeUndefined()
})

test('a new test is put at the end of the others, and all comments stay', () => {
  const { text: made, outcome, problems } = tryTest(text, form({ port: '22', proto: 'tcp', expected: 'deny' }), network)
  expect(problems).toEqual({})
  expect(made).toContain('"deny": ["tag:web:443"]}, // one of the two')
  expect(made).toContain('// who may see the site')
  expect(made).toMatch(/\{\s*"src": "ann@example\.com",\s*"proto": "tcp",\s*"deny": \["tag:web:22"\]\s*\}/)
  expect(outcome).toMatchObject({ entry: 1, passed: true, target: 'tag:web:22' })
})

test('a document without tests gets some; relay tests and IPv6 addresses are written as the language wants them', () => {
  const bare = text.replace(/ {2}"tests"[^]*/, '}\n')
  expect(tryTest(bare, form({ dst: 'fd7a:115c:a1e0::2' }), network)).toMatchObject({ text: expect.stringContaining('"[fd7a:115c:a1e0::2]:443"'), outcome: { passed: true } })
  const relay = tryTest(bare, form({ kind: 'relay', port: '', expected: 'accept' }), network)
  expect(relay).toMatchObject({ outcome: { kind: 'relay', passed: false, target: 'tag:web' }, problems: {} })
  expect(relay.text).toMatch(/"via": "tag:web",\s*"accept": true/)
})

test('what is missing or would be refused is said at its field', () => {
  expect(Object.keys(tryTest(text, emptyTest, network).problems)).toEqual(['src', 'dst', 'port'])
  expect(tryTest(text, form({ port: '70000' }), network).problems).toEqual({ port: 'One port, from 1 to 65535.' })
  expect(tryTest(text, form({ src: 'tag:nobody' }), network)).toMatchObject({ text: undefined, problems: { src: expect.stringContaining('tag:nobody') } })
  expect(tryTest(text, form({ dst: '*' }), network)).toMatchObject({ text: undefined, problems: { dst: expect.any(String) } })
  expect(tryTest('{', form({}), network)).toMatchObject({ text: undefined, problems: { dst: expect.stringContaining('correct it first') } })
})

test('what a test claims, in words', () => {
  expect(claimWords({ kind: 'reach', expected: 'accept' })).toBe('may reach')
  expect(claimWords({ kind: 'relay', expected: 'deny' })).toBe('may not use as a relay')
})
