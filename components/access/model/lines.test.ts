import { describe, expect, test } from 'vitest'
import { changedLines, lineOfOffset, splitLines } from './lines.ts'

describe('lines and offsets', () => {
  const text = 'one\ntwo\r\nthree\rfour'

  test('every kind of line break counts once', () => {
    expect(splitLines(text)).toEqual(['one', 'two', 'three', 'four'])
    expect(splitLines('')).toEqual([''])
  })

  test.each([[0, 1], [3, 1], [4, 2], [9, 3], [19, 4]])('offset %i lies on line %i', (offset, line) => {
    expect(lineOfOffset(text, offset)).toBe(line)
  })
})

describe('changed lines', () => {
  test.each([
    ['equal texts', 'a\nb', 'a\nb', []],
    ['a line changed', 'a\nb\nc', 'a\nx\nc', [2]],
    ['a line put in', 'a\nc', 'a\nb\nc', [2]],
    ['a line taken out leaves none to mark', 'a\nb\nc', 'a\nc', []],
    ['two changes with a kept line between', 'a\nb\nc\nd', 'x\nb\nc\ny', [1, 4]],
    ['a line moved', 'a\nb\nc\nd', 'a\nc\nd\nb', [4]],
    ['from nothing', '', 'a\nb', [1, 2]],
  ])('%s', (_, before, after, expected) => {
    expect([...changedLines(before, after)]).toEqual(expected)
  })

  test('texts too long to compare line by line count as changed between their first and last difference', () => {
    const many = (word: string): string => Array.from({ length: 1_100 }, (_, i) => `${word}${i}`).join('\n')
    expect(changedLines(`head\n${many('a')}\nend`, `head\n${many('b')}\nend`).size).toBe(1_100)
  })
})
