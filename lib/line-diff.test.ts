import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countChanges, keptPairs, lineChanges } from './line-diff.ts'

const lines = (text: string): string[] => text.split('')

test.each([
  ['abc', 'abc', []],
  ['abc', 'axc', [{ before: 1, removed: 1, after: 1, added: 1 }]],
  ['ac', 'abc', [{ before: 1, removed: 0, after: 1, added: 1 }]],
  ['abc', 'ac', [{ before: 1, removed: 1, after: 1, added: 0 }]],
  ['', 'ab', [{ before: 0, removed: 0, after: 0, added: 2 }]],
  ['abcd', 'xbcy', [{ before: 0, removed: 1, after: 0, added: 1 }, { before: 3, removed: 1, after: 3, added: 1 }]],
])('%s to %s', (before, after, changes) => {
  expect(lineChanges(lines(before), lines(after))).toEqual(changes)
})

test('texts that have too little in common differ in all of it', () => {
  const many = (word: string): string[] => Array.from({ length: 1_500 }, (_, i) => `${word} ${i}`)
  expect(lineChanges(['x', ...many('a'), 'y'], ['x', ...many('b'), 'y'])).toEqual([{ before: 1, removed: 1_500, after: 1, added: 1_500 }])
})

/** The fewest lines to take out and put in, by the longest common subsequence. */
function fewest(a: readonly string[], b: readonly string[]): number {
  const row = new Array<number>(b.length + 1).fill(0)
  for (const line of a) {
    let diagonal = 0
    for (const [j, other] of b.entries()) {
      const above = row[j + 1] ?? 0
      row[j + 1] = line === other ? diagonal + 1 : Math.max(above, row[j] ?? 0)
      diagonal = above
    }
  }
  return a.length + b.length - 2 * (row[b.length] ?? 0)
}

const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 14 })

test('the changes lead from one text to the other, with the fewest lines', () => {
  fc.assert(fc.property(text, text, (before, after) => {
    const changes = lineChanges(before, after)
    const made = [...before]
    for (const change of changes.toReversed()) made.splice(change.before, change.removed, ...after.slice(change.after, change.after + change.added))
    expect(made).toEqual(after)
    const { added, removed } = countChanges(changes)
    expect(added + removed).toBe(fewest(before, after))
  }))
})

test('what stays is equal, in order, and all that no change takes out', () => {
  fc.assert(fc.property(text, text, (before, after) => {
    const kept = [...keptPairs(before, after)]
    expect(kept.map(([i]) => before[i])).toEqual(kept.map(([, j]) => after[j]))
    expect(kept.map(([, j]) => j)).toEqual(kept.map(([, j]) => j).toSorted((a, b) => a - b))
    expect(before.length + after.length - 2 * kept.length).toBe(fewest(before, after))
  }))
})
