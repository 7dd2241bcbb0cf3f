import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { conflictsIn, mayTakeBoth, mergedText, mergeTexts } from './merge.ts'

describe('two changes of one text', () => {
  test('in different places are both taken', () => {
    const parts = mergeTexts('a\nb\nc\nd\ne', 'a\nB\nc\nd\ne', 'a\nb\nc\nd\nE\nf')
    expect(conflictsIn(parts)).toBe(0)
    expect(mergedText(parts, [])).toBe('a\nB\nc\nd\nE\nf')
  })

  test('in the same place wait for a choice', () => {
    const parts = mergeTexts('a\nb\nc', 'a\ntheirs\nc', 'a\nmine\nc')
    expect(parts.filter(({ kind }) => kind === 'conflict')).toEqual([{ kind: 'conflict', base: ['b'], theirs: ['theirs'], mine: ['mine'] }])
    expect(mergedText(parts, [])).toBeUndefined()
    expect((['mine', 'theirs', 'both'] as const).map((choice) => mergedText(parts, [choice]))).toEqual(['a\nmine\nc', 'a\ntheirs\nc', 'a\ntheirs\nmine\nc'])
  })

  test.each([
    ['one key', ['  "randomizeClientPort": true,'], ['  "randomizeClientPort": false,'], false],
    ['one key in another case, in one line with others', ['  "ssh": [], "Hosts": {"a": "10.0.0.1"},'], ['  "hosts": {'], false],
    ['two keys', ['  "hosts": {"a": "10.0.0.1"},'], ['  "groups": {"a": []},'], true],
    ['the same keys of whole objects', ['  {', '    "src": ["*"], // {', '  },'], ['  {"src": ["tag:a"]},'], true],
    ['strings, brackets among them', ['  "a{",'], ['  "a{",'], true],
    ['comments', ['// "a": 1'], ['// "a": 2'], true],
  ])('can both be taken unless a key would be there twice: %s', (_, theirs, mine, may) => {
    expect(mayTakeBoth({ kind: 'conflict', base: [], theirs, mine })).toBe(may)
  })

  test('that are the same are one', () => {
    const parts = mergeTexts('a\nb\nc', 'a\nx\nc', 'a\nx\nc')
    expect(mergedText(parts, [])).toBe('a\nx\nc')
  })

  test('of which one takes a line away that the other changes are a conflict', () => {
    expect(conflictsIn(mergeTexts('a\nb\nc', 'a\nc', 'a\nB\nc'))).toBe(1)
  })
})

const text = fc.array(fc.constantFrom('a', 'b', 'c', '{', '}', '', '  "x": 1,'), { maxLength: 12 }).map((lines) => lines.join('\n'))

test('with only one change it is that change', () => {
  fc.assert(fc.property(text, text, (base, changed) => {
    expect(mergedText(mergeTexts(base, changed, base), [])).toBe(changed)
    expect(mergedText(mergeTexts(base, base, changed), [])).toBe(changed)
  }))
})

/** Lines of its own, so that each can be found again. */
const edits = (mark: string) => fc.array(fc.record({ at: fc.nat(12), kind: fc.constantFrom('put in', 'change', 'take out') }), { maxLength: 5 })
  .map((list) => list.map((edit, number) => ({ ...edit, line: `${mark}${number}` })))
const baseLines = Array.from({ length: 12 }, (_, i) => `line ${i}`)

function edited(list: readonly { readonly at: number; readonly kind: string; readonly line: string }[]): string[] {
  const lines = [...baseLines]
  for (const { at, kind, line } of list) lines.splice(at, kind === 'put in' ? 0 : 1, ...(kind === 'take out' ? [] : [line]))
  return lines
}

test('no line that anybody wrote is lost, and none that both kept', () => {
  fc.assert(fc.property(edits('mine '), edits('theirs '), (mine, theirs) => {
    const [my, their] = [edited(mine), edited(theirs)]
    const parts = mergeTexts(baseLines.join('\n'), their.join('\n'), my.join('\n'))
    const merged = new Set(mergedText(parts, parts.map(() => 'both'))?.split('\n'))
    const kept = baseLines.filter((line) => my.includes(line) && their.includes(line))
    for (const line of [...kept, ...[...my, ...their].filter((one) => !baseLines.includes(one))]) expect(merged).toContain(line)
    // What one took out and the other left alone is gone; in a conflict it may still stand on one side.
    expect(conflictsIn(parts) > 0 ? kept : baseLines.filter((line) => merged.has(line))).toEqual(kept)
  }))
})
