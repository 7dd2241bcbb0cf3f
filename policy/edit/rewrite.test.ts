import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Json } from '../capability.ts'
import { parsePolicy } from '../parse.ts'
import { formatIpEntry } from '../ports.ts'
import { commentWords } from './comment.ts'
import { rewriteAcls } from './rewrite.ts'
import { written } from './written.testing.ts'

function rewritten(text: string): string {
  const result = rewriteAcls(text)
  return result.ok ? result.value : `refused: ${result.reason}`
}

/** What is allowed, each combination once. */
function allowed(text: string): Set<string> {
  const { policy } = parsePolicy(text)
  if (policy === undefined) throw new Error(text)
  return new Set((policy.grants ?? []).flatMap(({ src, dst, ip }) => src.flatMap((from) => dst.flatMap((to) => ip.map((entry) => {
    const self = to.text === 'autogroup:self' && from.text === '*'
    return `${self ? 'autogroup:member' : from.text} ${to.text} ${formatIpEntry(entry)}`
  })))))
}

describe('acls as grants', () => {
  test('a grant for each of its ports, comments in their places', () => {
    expect(rewritten(`{
  "tagOwners": {"tag:web": []},
  // Old rules.
  "acls": [
    // The web.
    {"action": "accept", "proto": "tcp", "src": ["*"], "dst": ["tag:web:80,443", "192.0.2.7:631", "tag:web:22"]}, // all
    {
      "action": "accept",
      "users": ["ann@example.com"], // Ann
      "ports": ["*:*"],
    },
  ],
}
`)).toBe(`{
  "tagOwners": {"tag:web": []},
  // Old rules.
  "grants": [
    // The web.
    {"src": ["*"], "dst": ["tag:web"], "ip": ["tcp:80,443"]},
    {"src": ["*"], "dst": ["192.0.2.7"], "ip": ["tcp:631"]},
    {"src": ["*"], "dst": ["tag:web"], "ip": ["tcp:22"]}, // all
    // Ann
    {
      "src": ["ann@example.com"],
      "dst": ["*"],
      "ip": ["*"],
    },
  ],
}
`)
  })

  test('behind the grants that are there', () => {
    expect(rewritten(`{
  // Old.
  "acls": [
    {"action": "accept", "src": ["*"], "dst": ["autogroup:self:*"]},
  ],
  "grants": [
    {"src": ["*"], "dst": ["*"], "ip": ["22"]},
  ],
}
`)).toBe(`{
  "grants": [
    {"src": ["*"], "dst": ["*"], "ip": ["22"]},
    // Old.

    {"src": ["autogroup:member"], "dst": ["autogroup:self"], "ip": ["*"]},
  ],
}
`)
  })

  test('what has no form in grants is refused', () => {
    expect(rewritten('{"acls": [{"action": "accept", "src": ["*"], "dst": ["0.0.0.0/0:*"]}]}')).toMatch(/^refused: "0\.0\.0\.0\/0:\*" has no form/)
    expect(rewritten('{"grants": []}')).toBe('refused: There are no acls in the text.')
  })

  const acl = fc.record({
    action: fc.constant('accept'), proto: fc.constantFrom('tcp', 'UDP', '6'),
    src: fc.array(fc.constantFrom('*', 'ann@example.com', '192.0.2.7'), { maxLength: 2 }),
    dst: fc.array(fc.constantFrom('*:*', '192.0.2.7:22', '[2001:db8::1]:80-90', 'autogroup:member:22,443'), { maxLength: 3 }),
  }, { requiredKeys: ['action', 'src', 'dst'] })
  const document = fc.record({
    grants: fc.array(fc.record({ src: fc.constant(['*']), dst: fc.constant(['10.0.0.1']), ip: fc.constant(['1']) }), { maxLength: 2 }),
    acls: fc.array(acl, { maxLength: 4 }), hosts: fc.constant({ a: '192.0.2.1' }),
  }, { requiredKeys: ['acls'] })

  test.each(['plain', 'wild'] as const)('allow the same, and no words of a comment are lost (%s)', (manner) => {
    fc.assert(fc.property(document, fc.nat(), (value: { readonly [key: string]: Json }, seed) => {
      const text = written(value, seed, manner)
      const after = rewritten(text)
      expect(allowed(after)).toEqual(allowed(text))
      expect(after).not.toContain('acls')
      expect(commentWords(after).split(/\s+/).toSorted()).toEqual(commentWords(text).split(/\s+/).toSorted())
    }), { numRuns: 150 })
  })
})
