import fc from 'fast-check'
import { createScanner, parse } from 'jsonc-parser'
import { expect, test } from 'vitest'
import { defaultPolicy } from '../default.ts'
import { formatPolicy } from './format.ts'

function formatted(text: string): string {
  const result = formatPolicy(text)
  if (!result.ok) throw new Error(`line ${result.line}`)
  return result.text
}

test('the policy of a new installation is in order', () => {
  expect(formatted(defaultPolicy())).toBe(defaultPolicy())
})

test('two spaces a level, short lists on one line, commas behind the last, one empty line at most', () => {
  expect(formatted(`{"groups":{},

  // Who.


      "grants" : [ {"src":["*"],"dst":[
      "tag:a",
  "tag:b"],"ip":["443"]},
    {
  "src": ["*"], "dst": ["*"], "app": {"tailscale.com/cap/relay": [{"prefer": 10}]}}]}`)).toBe(`{
  "groups": {},

  // Who.

  "grants": [
    {"src": ["*"], "dst": ["tag:a", "tag:b"], "ip": ["443"]},
    {
      "src": ["*"],
      "dst": ["*"],
      "app": {"tailscale.com/cap/relay": [{"prefer": 10}]},
    },
  ],
}
`)
})

test('what is longer than 120 columns takes several lines', () => {
  const people = Array.from({ length: 8 }, (_, i) => `"somebody-${i}@example.com"`)
  expect(formatted(`{"groups": {"group:eng": [${people.join(',')}]}}`)).toBe(
    `{\n  "groups": {\n    "group:eng": [\n${people.map((person) => `      ${person},\n`).join('')}    ],\n  },\n}\n`,
  )
})

test('comments stay where they belong', () => {
  expect(formatted(`// head
/* more */ {
  "a": [1, /* two */ 2, // three
    3], // of a
  "b" /* b */ : // value
    1 /* one */,
  "c": [ // in c
  ],
  "d": ["x"
    // before the comma
    , "y"],
  // at the end
}
// below`)).toBe(`// head
/* more */
{
  "a": [
    1,
    /* two */
    2, // three
    3,
  ], // of a
  /* b */
  // value
  "b": 1, /* one */
  "c": [
    // in c
  ],
  "d": [
    "x",
    // before the comma
    "y",
  ],
  // at the end
}
// below
`)
})

test('line breaks of Windows stay', () => {
  expect(formatted('{\r\n "a": 1 /* x\r\ny */}')).toBe('{\r\n  "a": 1, /* x\r\ny */\r\n}\r\n')
})

test.each([['{\n"a": }', 2], ['{"a": 1', 1], ['', 1], ['{"a": 1}\n\n}', 3], ['['.repeat(200), 1], ['{"a": "\u202e"}', 1]])('%j is refused at line %i', (text, line) => {
  expect(formatPolicy(text)).toEqual({ ok: false, line })
})

const space = fc.constantFrom('', ' ', '\n', '\n\n\n', '  \n  ')
const gap = fc.array(fc.oneof(space, fc.constantFrom('// x\n', '//\n', '/* y */', '/* z\n z */', ' // "w", [\n')), { maxLength: 3 }).map((parts) => parts.join(''))
const scalar = fc.constantFrom('1', 'true', 'null', '-2.50e3', '"a"', '"tag:relay"', '"\\u0041 \\" // no"', `"${'long '.repeat(12)}"`)

/** A value with white space and comments wherever they may be. */
const { value } = fc.letrec<{ value: string; list: string; object: string }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, tie('list'), tie('object')),
  list: fc.tuple(gap, fc.array(fc.tuple(tie('value'), gap, gap), { maxLength: 4 }), fc.boolean()).map(([start, entries, trailing]) =>
    `[${start}${entries.map(([each, before, after], i) => `${each}${before}${trailing || i < entries.length - 1 ? `,${after}` : ''}`).join('')}]`),
  object: fc.tuple(gap, fc.array(fc.tuple(gap, gap, tie('value'), gap, gap), { maxLength: 4 }), fc.boolean()).map(([start, entries, trailing]) =>
    `{${start}${entries.map(([one, two, each, before, after], i) => `"k${i}"${one}:${two}${each}${before}${trailing || i < entries.length - 1 ? `,${after}` : ''}`).join('')}}`),
}))
const document = fc.tuple(gap, value, gap).map((parts) => parts.join(''))

/** All comments, in order of their words: a comment between a key and its value moves above the key. */
function commentsOf(text: string): string[] {
  const scanner = createScanner(text, false)
  const found: string[] = []
  for (let kind: number = scanner.scan(); kind !== 17; kind = scanner.scan()) {
    if (kind === 12 || kind === 13) found.push(text.slice(scanner.getTokenOffset(), scanner.getTokenOffset() + scanner.getTokenLength()).trimEnd())
  }
  return found.toSorted()
}

test('whatever is written, it says the same afterwards, has the same comments, and is in order', () => {
  fc.assert(fc.property(document, (text) => {
    const once = formatted(text)
    expect(parse(once)).toEqual(parse(text))
    expect(JSON.stringify(parse(once))).toBe(JSON.stringify(parse(text)))
    expect(commentsOf(once)).toEqual(commentsOf(text))
    expect(formatted(once)).toBe(once)
  }), { numRuns: 500 })
})

test('brackets as deep as a document can have them are said to be too deep', () => {
  expect(formatPolicy(`{\n"grants": ${'['.repeat(200_000)}`)).toEqual({ ok: false, line: 2 })
})
