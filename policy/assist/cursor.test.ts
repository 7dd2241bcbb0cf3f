import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readAt } from './cursor.ts'

/** Reads a text at its "|". */
function at(marked: string) {
  const offset = marked.indexOf('|')
  return readAt(marked.replace('|', ''), offset)
}

test.each([
  ['{"grants": [{"src": ["|"]}]}', ['grants', 0, 'src', 0], 'value', 'string', ''],
  ['{"grants": [{"src": ["a", "tag:re|"]}]}', ['grants', 0, 'src', 1], 'value', 'string', 'tag:re'],
  ['{"grants": [{}, {"src": [|]}]}', ['grants', 1, 'src', 0], 'value', 'nothing', ''],
  ['{"grants": [{"src": ["a",|]}]}', ['grants', 0, 'src', 1], 'value', 'nothing', ''],
  ['{"grants": [{"src": [ta|]}]}', ['grants', 0, 'src', 0], 'value', 'word', 'ta'],
  ['{"grants": [{"src": ["ta|\n]}]}', ['grants', 0, 'src', 0], 'value', 'unfinished', 'ta'],
  ['{"gr|"}', ['gr'], 'key', 'string', 'gr'],
  ['{|}', [''], 'key', 'nothing', ''],
  ['{"groups": {}, |}', [''], 'key', 'nothing', ''],
  ['{"groups": {}\n  "|"\n}', [''], 'key', 'string', ''],
  ['{"OneCGNATRoute": |}', ['OneCGNATRoute'], 'value', 'nothing', ''],
  ['{"OneCGNATRoute": "mac|"}', ['OneCGNATRoute'], 'value', 'string', 'mac'],
  ['{"grants": [\n  // a comment\n  |\n]}', ['grants', 0], 'value', 'nothing', ''],
  ['{"a": [ /* x */ |', ['a', 0], 'value', 'nothing', ''],
  ['{"a": ["x" "y|"]}', ['a', 1], 'value', 'string', 'y'],
] as const)('%s', (marked, path, role, form, content) => {
  expect(at(marked).cursor).toMatchObject({ path, role, form, content })
})

test.each(['{ // com|ment\n}', '{ // comment|\n}', '{ /* com|ment */ }', '|{}', '{}|'])('nothing of the language stands at %s', (marked) => {
  expect(at(marked).cursor).toBeUndefined()
})

test('others of the same list or object, before and behind', () => {
  expect([...at('{"a": ["x", "|", "y"]}').cursor?.siblings ?? []]).toEqual(['x', 'y'])
  expect([...at('{"a": 1, "|": 2, "b": {"c": 1}}').cursor?.siblings ?? []]).toEqual(['a', 'b'])
})

test.each([['{"a|": 1}', 'colon'], ['{"a|", }', 'comma'], ['["a|"]', 'close'], ['{"a|"\n"b": 1}', 'other']])('what follows in %s is a %s', (marked, next) => {
  expect(at(marked).cursor?.next).toBe(next)
})

test('names are known also while the text is wrong', () => {
  const { names } = at('{"groups": {"group:a": [], "group:b": [}, "TagOwners": {"tag:x": ["group:a"]}, "hosts": {"h": "1.2.3.4"}, "ipsets": {"ipset:s": []}, "grants": [{"src": ["|')
  expect(names).toEqual({ groups: ['group:a', 'group:b'], tagOwners: ['tag:x'], hosts: ['h'], ipsets: ['ipset:s'] })
})

test('whatever the text is, reading it ends and never fails, and what it finds is there', () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ',', ':', '"', '"a"', '\\', '\n', '// x', '/* y', '*/', ' ', 'tag:a', '1', 'é')
  fc.assert(fc.property(fc.array(piece, { maxLength: 40 }), fc.nat(80), (pieces, wanted) => {
    const text = pieces.join('')
    const offset = Math.min(wanted, text.length)
    const { cursor } = readAt(text, offset)
    if (cursor === undefined) return
    expect(cursor.from).toBeLessThanOrEqual(offset)
    expect(cursor.to).toBeGreaterThanOrEqual(offset)
    expect(text.slice(cursor.from, cursor.to)).toMatch(cursor.form === 'string' ? /^"[^]*"$/ : /^[^]*$/)
  }))
})

test('ten thousand brackets deep is a matter of milliseconds', () => {
  expect(readAt('['.repeat(10_000), 10_000).cursor).toBeUndefined()
})
