import fc from 'fast-check'
import { parse } from 'jsonc-parser'
import { expect, test } from 'vitest'
import type { Json } from '../capability.ts'
import { treeOf } from '../walk.ts'
import { applyEdit, type PolicyEdit } from './edit.ts'
import { containerOf } from './tree.ts'
import { type Manner, commentsOf, written } from './written.testing.ts'

type Rule = { readonly [key: string]: Json }
type Document = { readonly [key: string]: Json }

const selector = fc.constantFrom('*', 'tag:a', 'tag:b', 'group:ops', 'ann@example.com', '192.0.2.7', 'printer')
const selectors = fc.array(selector, { maxLength: 4 })
const grant: fc.Arbitrary<Rule> = fc.oneof(
  fc.record({ src: selectors, dst: selectors, ip: fc.array(fc.constantFrom('*', '443', 'tcp:22'), { maxLength: 3 }) }),
  fc.record({ src: selectors, dst: selectors, app: fc.record({ 'tailscale.com/cap/relay': fc.array(fc.record({ prefer: fc.nat(9) }, { requiredKeys: [] }), { maxLength: 2 }) }) }),
)
const names = fc.uniqueArray(fc.constantFrom('group:a', 'group:b', 'group:c'), { maxLength: 3 })
const policy: fc.Arbitrary<Document> = fc.record({
  groups: names.map((all) => Object.fromEntries(all.map((name) => [name, ['ann@example.com']]))),
  tagOwners: fc.constant({ 'tag:a': ['autogroup:admin'], 'tag:b': [] }),
  grants: fc.array(grant, { maxLength: 4 }),
  tests: fc.array(fc.record({ src: selector, accept: fc.array(fc.constant('tag:a:443'), { maxLength: 2 }) }), { maxLength: 2 }),
}, { requiredKeys: [] })

type Case = { readonly value: Document; readonly text: string }
const documents = (manner: Manner): fc.Arbitrary<Case> =>
  fc.tuple(policy, fc.nat()).map(([value, seed]) => ({ value, text: written(value, seed, manner) }))

function rules(value: Document, list = 'grants'): readonly Rule[] {
  const found = value[list]
  return Array.isArray(found) ? found : []
}

function edited(text: string, edit: PolicyEdit): string {
  const result = applyEdit(text, edit)
  if (!result.ok) throw new Error(result.reason)
  return result.value
}

function valueOf(text: string): unknown {
  expect(treeOf(text)).toBeDefined()
  // Another reader than the one that the edits are made with.
  return parse(text, [], { allowTrailingComma: true })
}

const texts = (text: string): string[] => commentsOf(text).map((comment) => comment.text)

/** Whether the first occurs in the second, in order. */
function isWithin(some: readonly string[], all: readonly string[]): boolean {
  let at = 0
  for (const one of all) if (one === some[at]) at++
  return at === some.length
}

/** The comments outside of an entry and what belongs to it. */
function outside(text: string, list: string, index: number): string[] {
  const node = treeOf(text)?.children?.find(({ children }) => children?.[0]?.value === list)?.children?.[1]
  const item = node && containerOf(text, node).items[index]
  return commentsOf(text).filter(({ from }) => item === undefined || from < item.lead || from >= item.trail).map((comment) => comment.text)
}

const runs = { numRuns: 150 }

test.each(['plain', 'wild'] as const)('a grant added: what it says is there, all comments stay, and removing it gives the text again (%s)', (manner) => {
  fc.assert(fc.property(documents(manner), grant, fc.nat(5), fc.boolean(), ({ value, text }, put, place, commented) => {
    const before = rules(value)
    const at = Math.min(place, before.length)
    const after = edited(text, { kind: 'add', list: 'grants', at, value: put, ...(commented ? { comment: 'added\nby a form' } : {}) })
    expect(valueOf(after)).toEqual({ ...value, grants: before.toSpliced(at, 0, put) })
    const own = ['// added', '// by a form', '/* added by a form */']
    expect(texts(after).filter((comment) => !own.includes(comment))).toEqual(texts(text))
    expect(texts(after).some((comment) => own.includes(comment))).toBe(commented)
    const tight = before.length > 0 || /"grants"[^[]*\[\]/.test(text)
    const exact = manner === 'plain' && tight && value['grants'] !== undefined
    expect(exact ? edited(after, { kind: 'remove', list: 'grants', index: at }) : text).toBe(text)
  }), runs)
})

test.each(['plain', 'wild'] as const)('a grant removed takes its own comments and no others (%s)', (manner) => {
  fc.assert(fc.property(documents(manner), fc.nat(3), ({ value, text }, place) => {
    const before = rules(value)
    if (before.length === 0) return
    const index = place % before.length
    const after = edited(text, { kind: 'remove', list: 'grants', index })
    expect(valueOf(after)).toEqual({ ...value, grants: before.toSpliced(index, 1) })
    expect(isWithin(outside(text, 'grants', index), texts(after))).toBe(true)
  }), runs)
})

test.each(['plain', 'wild'] as const)('members set: equal parts stay as written; what is added to a list loses no comment (%s)', (manner) => {
  fc.assert(fc.property(documents(manner), fc.nat(3), selectors, selectors, ({ value, text }, place, src, dst) => {
    const before = rules(value)
    const index = place % Math.max(before.length, 1)
    const rule = before[index]
    if (rule === undefined) return
    const after = edited(text, { kind: 'set', list: 'grants', index, members: { src, dst, via: ['tag:a'], ip: null, app: { 'example.com/x': [{}] } } })
    const wanted: Rule = { ...rule, src, dst, via: ['tag:a'], app: { 'example.com/x': [{}] } }
    const { ip: _, ...rest } = wanted
    expect(valueOf(after)).toEqual({ ...value, grants: before.with(index, rest) })
    expect(isWithin(outside(text, 'grants', index), texts(after))).toBe(true)

    const grown = [...Array.isArray(rule['src']) ? rule['src'] as Json[] : [], 'tag:new'] // as the generator makes it
    const more = edited(text, { kind: 'set', list: 'grants', index, members: { src: grown } })
    expect(valueOf(more)).toEqual({ ...value, grants: before.with(index, { ...rule, src: grown }) })
    expect(texts(more)).toEqual(texts(text))
    const less = edited(more, { kind: 'set', list: 'grants', index, members: { src: grown.slice(0, -1) } })
    expect(valueOf(less)).toEqual(value)
  }), runs)
})

test.each(['plain', 'wild'] as const)('a grant moved or duplicated: all values and comments are there (%s)', (manner) => {
  fc.assert(fc.property(documents(manner), fc.nat(3), fc.nat(3), ({ value, text }, from, to) => {
    const before = rules(value)
    const rule = before[from % Math.max(before.length, 1)]
    if (rule === undefined) return
    const index = from % before.length
    const target = to % before.length
    const moved = edited(text, { kind: 'move', list: 'grants', index, to: target })
    expect(valueOf(moved)).toEqual({ ...value, grants: before.toSpliced(index, 1).toSpliced(target, 0, rule) })
    expect(texts(moved).toSorted()).toEqual(texts(text).toSorted())
    const twice = edited(text, { kind: 'duplicate', list: 'grants', index })
    expect(valueOf(twice)).toEqual({ ...value, grants: before.toSpliced(index, 0, rule) })
    expect(isWithin(texts(text), texts(twice))).toBe(true)
  }), runs)
})

test.each(['plain', 'wild'] as const)('the comment of a grant is replaced, and all others stay (%s)', (manner) => {
  fc.assert(fc.property(documents(manner), fc.nat(3), fc.constantFrom('', 'new', 'new\nwords', 'with */ in it'), ({ value, text }, place, comment) => {
    const before = rules(value)
    if (before.length === 0) return
    const index = place % before.length
    const after = edited(text, { kind: 'set', list: 'grants', index, members: {}, comment })
    expect(valueOf(after)).toEqual(value)
    expect(isWithin(outside(text, 'grants', index), texts(after))).toBe(true)
  }), runs)
})

test.each(['plain', 'wild'] as const)('a group defined, changed, renamed, taken away (%s)', (manner) => {
  fc.assert(fc.property(documents(manner), selectors, ({ value, text }, members) => {
    const groups = { ...value['groups'] as { [key: string]: Json } | undefined } // as the generator makes it
    const defined = edited(text, { kind: 'define', of: 'groups', name: 'group:new', value: members })
    expect(valueOf(defined)).toEqual({ ...value, groups: { ...groups, 'group:new': members } })
    expect(texts(defined)).toEqual(texts(text))
    const changed = edited(defined, { kind: 'define', of: 'groups', name: 'group:new', value: [...members, 'bea@example.com'] })
    expect(valueOf(changed)).toEqual({ ...value, groups: { ...groups, 'group:new': [...members, 'bea@example.com'] } })
    expect(texts(changed)).toEqual(texts(text))
    const renamed = edited(changed, { kind: 'rename', of: 'groups', name: 'group:new', to: 'group:newer' })
    expect(valueOf(renamed)).toEqual({ ...value, groups: { ...groups, 'group:newer': [...members, 'bea@example.com'] } })
    const gone = edited(renamed, { kind: 'undefine', of: 'groups', name: 'group:newer' })
    expect(valueOf(gone)).toEqual({ ...value, groups })
    expect(isWithin(texts(text), texts(gone))).toBe(true)
    const exact = manner === 'plain' && Object.keys(groups).length > 0
    expect(exact ? edited(defined, { kind: 'undefine', of: 'groups', name: 'group:new' }) : text).toBe(text)
  }), runs)
})

test.each(['plain', 'wild'] as const)('a test added at the end (%s)', (manner) => {
  fc.assert(fc.property(documents(manner), ({ value, text }) => {
    const put = { src: 'tag:a', accept: ['tag:b:443'] }
    const after = edited(text, { kind: 'add', list: 'tests', value: put })
    expect(valueOf(after)).toEqual({ ...value, tests: [...rules(value, 'tests'), put] })
    expect(texts(after)).toEqual(texts(text))
  }), runs)
})
