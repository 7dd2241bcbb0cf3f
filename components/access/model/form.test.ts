import { describe, expect, test } from 'vitest'
import { checkText } from './check.ts'
import { definitionRows, tryDefinition, withoutDefinition } from './definitions.ts'
import { formOf, impactWords, starts, tryForm, type GrantForm } from './grant-form.ts'
import type { GrantView } from './grants.ts'
import { relayFormOf, relayProblems, relayValueOf } from './relay-form.ts'
import { rowChanges } from './row-changes.ts'
import { rowMatches } from './row-filter.ts'
import { fieldProblems } from './field-problem.ts'
import { fittingOptions, machineCounts, selectorOptions } from './selector-options.ts'
import { exactly, isKnown, meantBy } from './selector-typed.ts'

const text = `{
  "groups": {"group:ops": ["ann@example.com"]},
  "tagOwners": {"tag:relay": [], "tag:web": []},
  "hosts": {"printer": "192.0.2.7"},
  "grants": [
    // All may relay.
    {"src": ["*"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{"maxSessions": 3, "ours": 1}], "example.com/x": [7]}},
    {"src": ["group:ops"], "dst": ["tag:web", "printer"], "ip": ["tcp:22"]},
  ],
  "acls": [
    // Web.
    {"action": "accept", "users": ["*"], "ports": ["tag:web:443", "printer:9"]},
  ],
}
`
const machines = [
  { id: 1, name: 'ann-laptop', addresses: ['100.64.0.1'], tags: [], owner: 'ann@example.com' },
  { id: 2, name: 'web-1', addresses: ['100.64.0.2'], tags: ['tag:web'] },
  { id: 3, name: 'web-2', addresses: ['100.64.0.3'], tags: ['tag:web'] },
]

function viewsOf(of = text): readonly GrantView[] {
  return checkText(of).grants
}

function rowAt(index: number, of = text): GrantView {
  const row = viewsOf(of)[index]
  if (row === undefined) throw new Error(`no row ${index}`)
  return row
}

function changed(index: number, change: (form: GrantForm) => Partial<GrantForm>) {
  const row = rowAt(index)
  const form = formOf(row)
  return tryForm(text, { ...form, ...change(form) }, { row })
}

describe('rows', () => {
  test('an acl is one row with its destinations and ports, its old names read', () => {
    expect(rowAt(2)).toMatchObject({ list: 'acls', at: 0, rules: [2, 3], src: ['*'], dst: ['tag:web:443', 'printer:9'], comment: 'Web.' })
  })

  test('a filter finds what a row says and its machines’ names, all words of it', () => {
    const found = (filter: string): number[] => viewsOf().filter((row) => rowMatches(row, filter, (one) => (one === 'printer' ? 'laser' : undefined))).map(({ index }) => index)
    expect([found('ops reach'), found('laser'), found('acl'), found('relay all'), found('nothing')]).toEqual([[1], [1], [2], [0], []])
  })

  test('against the saved version: selectors added and gone, rows added and removed', () => {
    const after = text.replace('["group:ops"], "dst": ["tag:web", "printer"]', '["group:ops", "*"], "dst": ["tag:web"]')
    const { of, removed } = rowChanges(viewsOf(), viewsOf(after))
    expect([...of]).toEqual([[1, {
      kind: 'changed', src: [{ text: 'group:ops' }, { text: '*', kind: 'added' }], dst: [{ text: 'printer', kind: 'removed' }, { text: 'tag:web' }],
    }]])
    expect(removed).toEqual([])
    const shorter = text.replace(/ {4}\{"src": \["group:ops.*\n/, '')
    expect(rowChanges(viewsOf(), viewsOf(shorter))).toMatchObject({ of: new Map(), removed: [{ index: 1 }] })
    expect([...rowChanges(viewsOf(shorter), viewsOf()).of.values()]).toMatchObject([{ kind: 'added' }])
  })

  test('another document pasted over this one does not hold the page up', () => {
    const many = (count: number, port: number) => viewsOf(JSON.stringify({ grants: Array.from({ length: count }, (_, i) => ({ src: [`100.64.${i >> 8}.${i & 255}`], dst: ['*'], ip: [String(port)] })) }))
    const [before, after] = [many(1500, 22), many(1501, 443)]
    const started = performance.now()
    const { of, removed } = rowChanges(before, after)
    expect(performance.now() - started).toBeLessThan(1000)
    expect([of.size, removed.length]).toEqual([1501, 0])
  })
})

describe('the form of a grant', () => {
  test('unchanged, it changes nothing', () => {
    for (const index of [0, 1, 2]) expect(changed(index, () => ({})).text).toBe(text)
  })

  test('limits change; members and capabilities that it does not know stay', () => {
    const { text: after } = changed(0, ({ relay }) => (relay === undefined ? {} : { relay: { ...relay, maxSessions: '', prefer: '5' } }))
    expect(after).toBe(text.replace('{"maxSessions": 3, "ours": 1}', '{"prefer": 5, "ours": 1}'))
  })

  test('what is wrong is said in its field', () => {
    expect([...changed(1, () => ({ src: ['group:gone'] })).problems.keys()]).toEqual(['src'])
    expect([...changed(1, () => ({ dst: [] })).problems.keys()]).toEqual(['dst'])
    expect([...changed(1, () => ({ via: ['printer'] })).problems.keys()]).toEqual(['via'])
    expect(changed(1, () => ({ ip: [] })).problems.get('rule')).toMatch(/^Choose what it gives/)
    expect([...changed(2, () => ({ dst: ['tag:web'] })).problems.keys()]).toEqual(['dst'])
  })

  test('an acl keeps its old names', () => {
    expect(changed(2, () => ({ src: ['::1'], proto: '6' })).text).toBe(text.replace('"users": ["*"]', '"proto": "6", "users": ["::1"]'))
  })

  test('each starting point is a grant that only lacks what only its author knows', () => {
    const { policy } = checkText(text)
    if (policy === undefined) throw new Error('the text is right')
    const wrong = starts.map((start) => [...tryForm(text, start.form(policy), { start: start.form(policy) }).problems.keys()])
    expect(wrong).toEqual([[], ['dst'], [], [], ['src', 'dst', 'rule']])
  })

  test('what it comes to, in words', () => {
    expect(impactWords({ ip: [], relay: relayFormOf([{}]), dst: [] }, { from: 13, to: 2 })).toBe('13 machines may use 2 relays.')
    expect(impactWords({ ip: ['*'], relay: undefined, dst: [] }, { from: 1, to: 1 })).toBe('1 machine may reach 1 machine.')
  })

  test.each([[[]], [[{}]], [[{ prefer: 1 }, {}]], [[{ quota: '1TiB/month', other: [null] }]]])('limits %j are read and written', (written) => {
    expect(relayValueOf(relayFormOf(written))).toEqual(written)
  })

  test('a limit that is none is named as it is typed', () => {
    const form = { ...relayFormOf([{}]), maxSessions: '0', quota: '2TB', maxRate: 'fast', prefer: '1.5' }
    expect([...relayProblems(form).keys()].toSorted()).toEqual(['maxRate', 'maxSessions', 'prefer', 'quota'])
  })
})

describe('completion', () => {
  const { policy } = checkText(text)
  if (policy === undefined) throw new Error('the text is right')
  const known = { policy, machines, people: [{ email: 'ann@example.com', name: 'Ann' }] }

  test('a tag is also found by its machines, a machine by its name, a group by its people', () => {
    const found = (typed: string): string[] => fittingOptions(selectorOptions(known, 'source'), typed, []).map(({ value }) => value)
    expect(found('web-2')).toEqual(['100.64.0.3', 'tag:web'])
    expect(found('ann')).toEqual(['ann@example.com', '100.64.0.1', 'group:ops'])
    expect(found('print')).toEqual(['printer'])
  })

  test.each([
    ['tag:web', true], ['group:ops', true], ['printer', true], ['100.64.0.3', true], ['10.0.0.0/8', true], ['*', true], ['new@example.com', true],
    ['tag:we', false], ['group:op', false], ['web', false], ['ann@ex', false], ['autogroup:me', false], ['', false],
  ])('"%s" is what it says: %s', (typed, is) => {
    expect(isKnown(policy, selectorOptions(known, 'source'), typed)).toBe(is)
  })

  test('what an unknown name was meant to be: its beginning, a machine’s name, or a slip', () => {
    const meant = (typed: string, suffix = ''): string | undefined => meantBy(policy, selectorOptions(known, 'source'), typed, suffix)?.value
    expect(['web-2', 'web-', 'tag:wbe', 'group:op', 'zzz', 'tag:web'].map((typed) => meant(typed))).toEqual(['100.64.0.3', '100.64.0.2', 'tag:web', 'group:ops', undefined, undefined])
    expect([meant('tag:we:443', ':*'), meant('tag:web:443', ':*')]).toEqual(['tag:web', undefined])
    expect(['::1', '::1:443', '[::1]:443'].map((typed) => meant(typed, ':*'))).toEqual([undefined, undefined, undefined])
    expect(exactly(selectorOptions(known, 'source'), 'Web-2')?.value).toBe('100.64.0.3')
    expect(exactly(selectorOptions(known, 'source'), 'web')).toBeUndefined()
  })

  test('only fields with a reason are wrong, in their order', () => {
    expect(fieldProblems([['Who', undefined], ['May use', 'b'], ['Comment', 'a']])).toEqual([{ label: 'May use', reason: 'b' }, { label: 'Comment', reason: 'a' }])
  })

  test('what may not stand at a place is not offered', () => {
    const offered = (place: Parameters<typeof selectorOptions>[1]): string[] => selectorOptions(known, place).map(({ value }) => value)
    expect(offered('source')).not.toContain('autogroup:self')
    expect(offered('destination')).toContain('autogroup:self')
    expect(offered('router')).toEqual(['tag:relay', 'tag:web'])
    expect(offered('member')).toEqual(['ann@example.com'])
    expect(offered('owner')).toEqual(['tag:relay', 'tag:web', 'group:ops', 'ann@example.com', 'autogroup:member', 'autogroup:owner', 'autogroup:admin'])
  })

  test('how many machines each is', () => {
    const counts = machineCounts(known, selectorOptions(known, 'source'))
    expect(['*', 'tag:web', 'group:ops', 'autogroup:tagged', 'printer', '100.64.0.1'].map((value) => counts.get(value))).toEqual([3, 2, 1, 2, 0, 1])
  })
})

describe('groups, tags and hosts', () => {
  test('a new one gets its prefix; a name that is none is said', () => {
    expect(definitionRows(tryDefinition(text, 'groups', { name: 'dev', values: ['bea@example.com'], comment: '' }).text ?? '', 'groups')).toMatchObject([{ name: 'group:ops' }, { name: 'group:dev' }])
    expect(tryDefinition(text, 'tagOwners', { name: '9', values: [], comment: '' }).problems.name).toMatch(/a letter/)
    expect(tryDefinition(text, 'groups', { name: 'ops', values: [], comment: '' }).problems.name).toBe('"group:ops" is there already.')
    expect(tryDefinition(text, 'hosts', { name: 'scanner', values: ['lots'], comment: '' }).problems.value).toMatch(/lots/)
  })

  test('renamed wherever it stands, also in an acl with its port', () => {
    const { text: after } = tryDefinition(text, 'hosts', { name: 'laser', values: ['192.0.2.8'], comment: '' }, 'printer')
    expect(after).toBe(text.replace('"printer": "192.0.2.7"', '"laser": "192.0.2.8"').replace('"printer"]', '"laser"]').replace('printer:9', 'laser:9'))
  })

  test('one that is in use stays', () => {
    expect(withoutDefinition(text, 'groups', 'group:ops')).toMatchObject({ reason: expect.stringMatching(/^group:ops is still used in line \d+/) })
  })
})
