import { describe, expect, test } from 'vitest'
import { aboutAt } from './about.ts'
import { describeSelector } from './machines.ts'
import { document, known } from './testing.ts'

describe('whom a selector selects', () => {
  test.each([
    ['tag:relay', 'tag:relay: 2 machines: lock-1, lock-2. Owned by group:ops.'],
    ['tag:web', 'tag:web: 0 machines. Only the owner and admins may give it.'],
    ['group:eng', 'group:eng: 2 people, 2 machines: barge, punt.'],
    ['ann@example.com', 'ann@example.com (Ann): 1 machine: barge.'],
    ['nobody@example.com', 'nobody@example.com: nobody here has this e-mail.'],
    ['user:*@example.com', 'user:*@example.com: 2 people, 2 machines: barge, punt.'],
    ['printer', 'printer is 100.64.0.9: 1 machine: printer-1.'],
    ['office', 'office is 10.1.0.0/16: 0 machines. Behind a router: punt.'],
    ['100.64.0.0/30', '100.64.0.0/30: 3 machines: lock-1, lock-2, barge.'],
    ['autogroup:tagged', 'Every machine with a tag. Now 2 machines: lock-1, lock-2.'],
    ['autogroup:admin', 'Machines of the owner and admins, without tags. Now 2 machines: barge, printer-1.'],
    ['autogroup:internet', 'Public addresses, through exit nodes. No machine is one now.'],
    ['*', '*: every machine here, 5 now. As a source also what is behind approved routes, as a destination any address.'],
  ])('%s', (text, words) => {
    expect(describeSelector(text, known())).toBe(words)
  })

  test.each(['tag:none', 'group:none', 'nohost', 'autogroup:none', 'tag:', ''])('nothing is said of "%s"', (text) => {
    expect(describeSelector(text, known())).toBeUndefined()
  })

  test('of many, the first are named', () => {
    const { people, policy } = known()
    const nodes = Array.from({ length: 9 }, (_, i) => ({ id: i, name: `m${i}`, addresses: [`100.64.1.${i}`], tags: ['tag:web'] }))
    expect(describeSelector('tag:web', { nodes, people, policy })).toContain('9 machines: m0, m1, m2, m3, m4 and 4 more.')
  })
})

describe('what stands at a place of the text', () => {
  const text = `${document.slice(0, document.lastIndexOf('}'))}"acls": [{"dst": ["tag:relay:22"]}], "nodeAttrs": [{"attr": ["x:y"]}], "a": [{"ip": ["1"]}], "grants": [{"ip": ["tcp:80-90,443", "icmp:*"]}]}`
  const at = (part: string, shift = 2) => aboutAt(text, text.indexOf(part) + shift, known())

  test.each([
    ['"tag:relay"]', 'tag:relay: 2 machines'],
    ['"tag:relay": ', 'tag:relay: 2 machines'],
    ['"group:eng"]', 'group:eng: 2 people'],
    ['"src"', 'Who is allowed'],
    ['"tailscale.com', 'may use the destinations as relays'],
    ['"example.com', 'have this capability'],
    ['"printer"', 'printer is 100.64.0.9'],
    ['"10.1.0.0/16"', 'Behind a router: punt.'],
    ['"tag:relay:22"', 'tag:relay: 2 machines'],
    ['"x:y"', 'passed on'],
    ['"tcp:80-90', 'TCP, ports 80-90, 443.'],
    ['"icmp:*', 'Protocol icmp.'],
  ])('%s', (part, words) => {
    expect(at(part)?.text).toContain(words)
    // Before its first quote and behind its last one too; and it is the whole string that is meant.
    expect(at(part, 0)).toEqual(at(part))
    expect(aboutAt(text, at(part)?.to ?? 0, known())).toEqual(at(part))
    expect(text.slice(at(part)?.from, at(part)?.to)).toMatch(/^"[^"]+"$/)
  })

  test.each([['[{"ip": ["1"]', 10], ['{"ip"', 0], ['[{"dst"', 0]])('nothing is said at %s', (part, shift) => {
    expect(at(part, shift)).toBeUndefined()
  })
})
