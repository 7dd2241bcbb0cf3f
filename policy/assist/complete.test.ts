import { describe, expect, test } from 'vitest'
import { complete, type Completion } from './complete.ts'
import { document, known } from './testing.ts'

/** The document with something more in it, completed at its "|". */
function at(added: string): Completion | undefined {
  const whole = `${document.slice(0, document.lastIndexOf('}'))}${added}`
  const offset = whole.indexOf('|')
  return complete(whole.replace('|', ''), offset, known())
}

function labels(added: string): string[] {
  return at(added)?.options.map(({ label }) => label) ?? []
}

/** What the text is once the option is taken, with "|" for the cursor. */
function taken(marked: string, label: string, detail?: string): string {
  const offset = marked.indexOf('|')
  const text = marked.replace('|', '')
  const found = complete(text, offset, known())
  const option = found?.options.find((each) => each.label === label && (detail === undefined || each.detail === detail))
  if (found === undefined || option === undefined) throw new Error(`no ${label}`)
  return `${text.slice(0, found.from)}${option.insert.slice(0, option.caret)}|${option.insert.slice(option.caret)}${text.slice(found.to)}`
}

const people = ['ann@example.com', 'bob@example.com', 'cy@example.org', 'user:*@example.com', 'user:*@example.org']
const groups = ['group:eng', 'group:ops']
const tags = ['tag:relay', 'tag:web']
const roles = ['owner', 'admin', 'network-admin', 'it-admin', 'billing-admin', 'auditor'].map((name) => `autogroup:${name}`)
const machines = ['lock-1', 'lock-1', 'lock-2', 'lock-2', 'barge', 'punt', 'printer-1']

describe('what may stand where', () => {
  test.each<[where: string, options: string[]]>([
    ['sources', [...groups, ...tags, 'printer', 'office', 'autogroup:member', 'autogroup:tagged', ...roles, 'autogroup:shared', 'autogroup:danger-all', '*', ...people, ...machines]],
    ['destinations', [...groups, ...tags, 'printer', 'office', 'autogroup:member', 'autogroup:tagged', ...roles, 'autogroup:self', 'autogroup:internet', '*', ...people, ...machines]],
    ['targets', [...groups, ...tags, 'printer', 'office', 'autogroup:member', 'autogroup:tagged', ...roles, '*', ...people, ...machines]],
    ['members', people],
    ['owners', [...groups, ...tags, 'autogroup:member', ...roles, ...people, 'lock-1', 'lock-2']],
    ['routers', [...tags, 'lock-1', 'lock-2']],
  ])('%s', (where, options) => {
    const places: Record<string, string[]> = {
      sources: ['"grants": [{"src": ["|"]}]', '"acls": [{"SRC": ["|"]}]', '"tests": [{"src": "|"}]', '"acls": [{"users": ["|"]}]'],
      destinations: ['"grants": [{"dst": ["|"]}]'],
      targets: ['"nodeAttrs": [{"target": ["|"]}]'],
      members: ['"groups": {"group:x": ["|"]}'],
      owners: ['"TagOwners": {"tag:x": ["|"]}', '"autoApprovers": {"exitNode": ["|"]}', '"autoApprovers": {"routes": {"10.0.0.0/8": ["|"]}}'],
      routers: ['"grants": [{"via": ["|"]}]'],
    }
    const found = places[where]?.map((place) => ({ place, options: labels(place).toSorted() }))
    expect(found).toEqual(places[where]?.map((place) => ({ place, options: options.toSorted() })))
  })

  test.each<[string, string[]]>([
    ['"grants": [{|}]', ['src', 'dst', 'ip', 'app', 'via']],
    ['"grants": [{"src": [], "|": 1}]', ['dst', 'ip', 'app', 'via']],
    ['"acls": [{"|"}]', ['action', 'src', 'dst', 'proto', 'users', 'ports']],
    ['"acls": [{"action": "|"}]', ['accept']],
    ['"tests": [{"proto": "|"}]', ['tcp', 'udp', 'sctp']],
    ['"nodeAttrs": [{"|"}]', ['target', 'attr', 'ipPool', 'app']],
    ['"autoApprovers": {"|"}', ['routes', 'exitNode', 'relays']],
    ['"autoApprovers": {"routes": {"|"}}', ['10.1.2.0/24']],
    ['"tests": [{"|"}]', ['src', 'accept', 'deny', 'proto', 'relay', 'srcPostureAttrs']],
    ['"tests": [{"relay": [{"|"}]}]', ['src', 'via', 'accept', 'deny']],
    ['"grants": [{"app": {"tailscale.com/cap/relay": [{"|"}]}}]', ['maxSessions', 'family', 'quota', 'maxRate', 'prefer']],
    ['"grants": [{"app": {"tailscale.com/cap/relay": [{"family": "|"}]}}]', ['ipv4', 'ipv6']],
    ['"grants": [{"app": {"tailscale.com/cap/relay": [{"quota": |}]}}]', ['2TiB/month']],
    ['"grants": [{"app": {"example.com/cap/x": [{"|"}]}}]', []],
    ['"hosts": {"|"}', ['lock-1', 'lock-2', 'barge', 'punt', 'printer-1']],
    ['"tagOwners": {"|"}', ['tag:relay']],
    ['"disableIPv4": |', ['true', 'false']],
    ['"OneCGNATRoute": "|"', ['mac-always', 'mac-never']],
    ['"unknown": {"x": "|"}', []],
    ['// in a comment "|', []],
  ])('at %s', (added, options) => {
    expect(labels(added)).toEqual(options)
  })

  test('the top level lacks what is there already', () => {
    expect(labels('"|"')).toEqual(['ipsets', 'acls', 'nodeAttrs', 'autoApprovers', 'tests', 'randomizeClientPort', 'disableIPv4', 'ssh', 'sshTests', 'OneCGNATRoute'])
  })

  test('capabilities, also those that the document uses', () => {
    expect(labels('"grants": [{"app": {"|"}}]')).toEqual(['drive', 'relay', 'webui', 'kubernetes', 'tsidp', 'secrets'].map((name) => `tailscale.com/cap/${name}`).concat('example.com/cap/x'))
  })

  test('ports and protocols; those without ports in their one form', () => {
    const all = labels('"grants": [{"ip": ["|"]}]')
    for (const entry of ['*', '443', 'tcp:', 'udp:', 'sctp:', 'icmp:*', 'ipv6-icmp:*']) expect(all).toContain(entry)
    expect(all).not.toContain('icmp:')
  })

  test('destinations with ports: first where, then which', () => {
    expect(labels('"acls": [{"dst": ["|"]}]')).toContain('tag:web')
    expect(labels('"acls": [{"dst": ["tag:web:|"]}]')).toEqual(['*', '443', '80', '22', '53', '3389', '5432'].map((port) => `tag:web:${port}`))
    expect(labels('"tests": [{"accept": ["tag:web:|"]}]')).not.toContain('tag:web:*')
    expect(labels('"tests": [{"accept": ["|"]}]')).not.toContain('*')
  })

  test('IP sets are made of hosts, other sets and the internet', () => {
    const all = labels('"ipsets": {"ipset:a": ["|"], "ipset:b": []}')
    for (const entry of ['add printer', 'remove office', 'add ipset:b', 'remove autogroup:internet']) expect(all).toContain(entry)
    expect(all).not.toContain('add ipset:a')
  })

  test('what is in the list already is not offered again', () => {
    expect(labels('"grants": [{"src": ["group:eng", "|"]}]')).not.toContain('group:eng')
  })
})

describe('what is written', () => {
  const start = '{"tagOwners": {"tag:web": []}, "grants": [{'
  test.each([
    ['"src": ["ta|"]', 'tag:web', '"src": ["tag:web"|]'],
    ['"src": ["ta|g:relay"]', 'tag:web', '"src": ["tag:web"|]'],
    ['"src": [|]', 'tag:web', '"src": ["tag:web"|]'],
    ['"src": [ta|]', 'tag:web', '"src": ["tag:web"|]'],
    ['"src": ["ta|', 'tag:web', '"src": ["tag:web"|'],
    ['"|"}', 'src', '"src": ["|"]}'],
    ['"|"\n  }', 'src', '"src": ["|"],\n  }'],
    ['"s|": ["*"]', 'src', '"src"|: ["*"]'],
    ['|, "dst": []', 'src', '"src": ["|"], "dst": []'],
    ['"app": {|}', 'tailscale.com/cap/relay', '"app": {"tailscale.com/cap/relay": [{|}]}'],
    ['"app": {"tailscale.com/cap/relay": [{|}]}', 'maxSessions', '"app": {"tailscale.com/cap/relay": [{"maxSessions": 20|}]}'],
    ['"ip": ["|"]', 'tcp:', '"ip": ["tcp:|"]'],
  ])('%s with %s becomes %s', (before, label, after) => {
    expect(taken(start + before, label)).toBe(start + after)
  })

  test('a machine is written as its tag or its address, whichever is chosen, or as the host that names it', () => {
    expect(taken('{"grants": [{"dst": ["lo|"]}]}', 'lock-1', 'by tag:relay')).toContain('["tag:relay"|]')
    expect(taken('{"grants": [{"dst": ["lo|"]}]}', 'lock-1', 'by 100.64.0.1')).toContain('["100.64.0.1"|]')
    expect(taken('{"grants": [{"dst": ["pr|"]}]}', 'printer-1', 'by the host printer')).toContain('["printer"|]')
  })

  test('an acl gets every port, a test the place for one', () => {
    expect(taken('{"tagOwners": {"tag:web": []}, "acls": [{"dst": ["|"]}]}', 'tag:web')).toContain('["tag:web:*"|]')
    expect(taken('{"tagOwners": {"tag:web": []}, "tests": [{"accept": ["|"]}]}', 'tag:web')).toContain('["tag:web:|"]')
  })

  test('a person is found by name too', () => {
    expect(at('"groups": {"group:x": ["|"]}')?.options.find(({ label }) => label === 'ann@example.com')).toMatchObject({ match: 'ann@example.com Ann', detail: 'Ann' })
  })

  test('typing is compared from behind the quote on, and nothing is begun where nothing stands', () => {
    const text = '{"grants": [{"src": ["ta'
    expect(complete(text, text.length, known())).toMatchObject({ typedFrom: text.length - 2, from: text.length - 3, to: text.length, begun: true })
    expect(complete('{"grants": [{"src": [', 21, known())?.begun).toBe(false)
  })
})
