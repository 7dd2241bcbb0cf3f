import fc from 'fast-check'
import { expect, test } from 'vitest'
import { changesBetween, type Change } from './changes.ts'

function apply(text: string, changes: readonly Change[]): string {
  return changes.toReversed().reduce((done, { from, to, insert }) => done.slice(0, from) + insert + done.slice(to), text)
}

test('one place is changed by its characters alone', () => {
  expect(changesBetween('"dst": ["tag:reley"]\n', '"dst": ["tag:relay"]\n')).toEqual([{ from: 16, to: 17, insert: 'a' }])
  expect(changesBetween('a\nb\n', 'a\nb\nc\n')).toEqual([{ from: 4, to: 4, insert: 'c\n' }])
})

test('places far from each other are changes of their own', () => {
  expect(changesBetween('one\ntwo\nthree\nfour\n', 'One\ntwo\nthree\nfive\n')).toEqual([
    { from: 0, to: 1, insert: 'O' }, { from: 15, to: 18, insert: 'ive' },
  ])
})

test('a character of two units is never cut', () => {
  expect(changesBetween('\u{1F6A2}', '\u{1F6A3}')).toEqual([{ from: 0, to: 2, insert: '\u{1F6A3}' }])
  expect(changesBetween('\u{1F6A2}', '\u{1F4A2}')).toEqual([{ from: 0, to: 2, insert: '\u{1F4A2}' }])
})

test('whatever the two texts are, the changes lead from one to the other', () => {
  const text = fc.array(fc.constantFrom('a', 'b', '\n', 'a\n', '{', '\u{1F6A2}', '\u{1F6A3}'), { maxLength: 40 }).map((parts) => parts.join(''))
  fc.assert(fc.property(text, text, (before, after) => {
    expect(apply(before, changesBetween(before, after))).toBe(after)
  }))
})

test('long texts that differ throughout are one change', () => {
  const many = (word: string): string => Array.from({ length: 1_100 }, (_, i) => `${word}${i}\n`).join('')
  expect(changesBetween(`head\n${many('a')}end`, `head\n${many('b')}end`)).toHaveLength(1)
})
