import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Policy } from '../model.ts'
import { parsePolicy } from '../parse.ts'
import type { Problem } from '../problem.ts'

/** Every part of the language once, and some of it wrong. */
const whole = {
  groups: { 'group:ops': ['ann@example.com', 'user:*@example.org'] },
  tagOwners: { 'tag:web': ['group:ops'], 'tag:gw': ['autogroup:admin', 'tag:web'], 'tag:relay': [] },
  hosts: { nas: '10.0.0.9', lan: '10.0.0.0/8' },
  ipsets: { 'ipset:a': ['add lan', 'remove nas', 'add ipset:b'], 'ipset:b': ['2001:db8::/32'] },
  grants: [
    { src: ['group:ops', '*'], dst: ['tag:web', 'ipset:a'], ip: ['tcp:443', '80-90'], via: ['tag:gw'] },
    { src: ['autogroup:member'], dst: ['tag:relay'], app: { 'tailscale.com/cap/relay': [{ maxSessions: 3, quota: '2TiB/month', prefer: 1 }] } },
    { src: ['ann@example.com'], dst: ['autogroup:self'], ip: ['*'] },
  ],
  acls: [{ action: 'accept', proto: 'tcp', src: ['*'], dst: ['nas:22', '[fd7a::5]:80'] }, { action: 'accept', users: ['tag:web'], ports: ['lan:*'] }],
  nodeAttrs: [{ target: ['*'], attr: ['funnel', 'x:y'], ipPool: ['100.81.0.0/16'] }],
  autoApprovers: { routes: { '10.0.0.0/8': ['tag:gw'] }, exitNode: ['group:ops'], relays: ['tag:relay'] },
  tests: [{ src: 'ann@example.com', proto: 'tcp', accept: ['tag:web:443'], deny: ['nas:1'], relay: [{ src: 'tag:web', via: 'tag:relay', deny: true }] }],
  randomizeClientPort: true, disableIPv4: false, OneCGNATRoute: 'mac-always', ssh: [{}], derpMap: {}, postures: {},
}
const text = JSON.stringify(whole, null, 2)

/** The problems of a document whose place, or whose fix's, is not in it. */
function misplaced(document: string): readonly Problem[] {
  return parsePolicy(document).problems.filter(({ offset, length, line, column, fix }) => {
    const before = document.slice(0, offset).split(/\r\n|\n|\r/)
    const placed = line === before.length && column === (before.at(-1) ?? '').length + 1
    return offset < 0 || !placed || offset + length > document.length || (fix !== undefined && fix.offset + fix.length > document.length)
  })
}

test('the document that the rest goes by is valid, with its warnings', () => {
  const { ok, problems } = parsePolicy(text)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(ok).toBe(true)
})

test('no text makes it throw, and every problem lies in the text at its line and column', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (any) => {
    expect(misplaced(any)).toEqual([])
  }), { numRuns: 500 })
})

test('no JSON makes it throw, wherever it stands', () => {
  const keys = fc.constantFrom(...Object.keys(whole), 'src', 'dst', 'ip', 'app', 'via', 'tag:a', 'group:a', 'ipset:a', 'tailscale.com/cap/relay', '__proto__', 'routes')
  const strings = fc.constantFrom('*', 'tag:a', 'group:a', 'ipset:a', 'autogroup:self', 'a@b', '10.0.0.0/8', '::/0', 'nas:22', 'add ipset:a', '', 'accept', '[fd7a::5]:*')
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, strings, fc.constantFrom(null, true, 0, 1.5), tie('list'), tie('object')),
    list: fc.array(tie('value'), { maxLength: 4 }),
    object: fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
  }))
  fc.assert(fc.property(value, (json) => {
    expect(misplaced(JSON.stringify(json))).toEqual([])
  }), { numRuns: 1500 })
  fc.assert(fc.property(fc.constantFrom(...Object.keys(whole)), value, (key, json) => {
    expect(misplaced(JSON.stringify({ ...whole, [key]: json }))).toEqual([])
  }), { numRuns: 1000 })
})

test('no change to a valid document makes it throw', () => {
  const piece = fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '//', '/*', '\n', '\r', '\\', '\u202e', '0', 'tag:', '@', '-', '/', '*', ' ')
  fc.assert(fc.property(fc.array(fc.tuple(fc.nat(text.length), fc.nat(3), piece), { minLength: 1, maxLength: 4 }), (changes) => {
    const changed = changes.reduce((now, [at, length, by]) => now.slice(0, at) + by + now.slice(at + length), text)
    expect(misplaced(changed)).toEqual([])
  }), { numRuns: 1500 })
})

/** What a policy says, without where it says it. */
function meaning(policy: Policy | undefined): unknown {
  const named = (all: ReadonlyMap<string, unknown>): unknown[] => [...all].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const plain = policy && { ...policy, groups: named(policy.groups), tagOwners: named(policy.tagOwners), hosts: named(policy.hosts), ipsets: named(policy.ipsets) }
  return JSON.parse(JSON.stringify(plain, (key, value: unknown) => (
    key === 'place' || key === 'lines' ? undefined : typeof value === 'bigint' ? String(value) : value instanceof Map ? Object.fromEntries(value) : value
  )))
}

/** The same with the keys of every object in another order. */
function reordered(value: unknown, by: (keys: string[]) => string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => reordered(item, by))
  if (typeof value !== 'object' || value === null) return value
  const entries = new Map(Object.entries(value))
  return Object.fromEntries(by([...entries.keys()]).map((key) => [key, reordered(entries.get(key), by)]))
}

test('the order of keys does not matter', () => {
  fc.assert(fc.property(fc.infiniteStream(fc.nat()), (numbers) => {
    const shuffled = (keys: string[]): string[] => keys.map((key) => ({ key, at: Number(numbers.next().value) })).toSorted((a, b) => a.at - b.at).map(({ key }) => key)
    const other = parsePolicy(JSON.stringify(reordered(whole, shuffled)))
    expect(other.ok).toBe(true)
    expect(meaning(other.policy)).toEqual(meaning(parsePolicy(text).policy))
  }), { numRuns: 50 })
})
