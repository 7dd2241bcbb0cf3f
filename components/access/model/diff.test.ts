import fc from 'fast-check'
import { expect, test } from 'vitest'
import { diffTexts, firstLines } from './diff.ts'

const numbered = (count: number): string[] => Array.from({ length: count }, (_, i) => `${i + 1}`)
const drawn = (before: string, after: string): string[] => diffTexts(before, after).hunks.map(({ lines }) =>
  lines.map(({ kind, text }) => `${kind === 'same' ? ' ' : kind === 'added' ? '+' : '-'}${text}`).join('|'))

test('changes stand with three lines around them, near ones together', () => {
  const before = numbered(30)
  const after = before.toSpliced(19, 1, 'x').toSpliced(9, 0, 'new').toSpliced(3, 1)
  expect(drawn(before.join('\n'), after.join('\n'))).toEqual([' 1| 2| 3|-4| 5| 6| 7| 8| 9|+new| 10| 11| 12', ' 17| 18| 19|-20|+x| 21| 22| 23'])
  expect(diffTexts(before.join('\n'), after.join('\n'))).toMatchObject({ added: 2, removed: 2 })
})

test('of many lines the first are drawn', () => {
  const { hunks } = diffTexts('', numbered(50).join('\n'))
  expect(firstLines(hunks, 10).flatMap(({ lines }) => lines)).toHaveLength(10)
  expect(firstLines(hunks, 100)).toEqual(hunks)
})

test('equal texts have none', () => {
  expect(diffTexts('a\nb', 'a\nb')).toEqual({ hunks: [], added: 0, removed: 0 })
})

test('lines carry their numbers in the text that has them, each once', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 30 })
  fc.assert(fc.property(text, text, (before, after) => {
    const lines = diffTexts(before.join('\n'), after.join('\n')).hunks.flatMap((hunk) => hunk.lines)
    for (const [side, source] of [['before', before], ['after', after]] as const) {
      const there = lines.filter((line) => line[side] !== undefined)
      expect(there.map((line) => source[(line[side] ?? 0) - 1])).toEqual(there.map((line) => line.text))
      const numbers = lines.flatMap((line) => line[side] ?? [])
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
    }
  }))
})
