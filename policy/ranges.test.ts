import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AddressRange } from './address.ts'
import { type RangeSet, rangeSet, type RangeStep, setOfSteps, subtract, union } from './ranges.ts'

/** Small numbers, so that ranges meet, touch and overlap. */
const range = fc.tuple(fc.constantFrom<4 | 6>(4, 6), fc.nat(20), fc.nat(6)).map(([family, first, more]): AddressRange => (
  { family, first: BigInt(first), last: BigInt(first + more) }
))
const set = fc.array(range, { maxLength: 6 }).map(rangeSet)

function members(ranges: RangeSet): Set<string> {
  return new Set(ranges.flatMap(({ family, first, last }) => Array.from({ length: Number(last - first) + 1 }, (_, i) => `${family} ${first + BigInt(i)}`)))
}

function inOrderAndApart(ranges: RangeSet): boolean {
  return ranges.every((one, i) => {
    const before = ranges[i - 1]
    return before === undefined || before.family < one.family || (before.family === one.family && before.last + 1n < one.first)
  })
}

test('union and difference are those of the addresses, in order and apart', () => {
  fc.assert(fc.property(set, set, (a, b) => {
    const [joined, left] = [union(a, b), subtract(a, b)]
    expect(members(joined)).toEqual(new Set([...members(a), ...members(b)]))
    expect(members(left)).toEqual(new Set([...members(a)].filter((address) => !members(b).has(address))))
    expect([joined, left].every(inOrderAndApart)).toBe(true)
  }))
})

test('steps in pairs do what steps in order do', () => {
  const step = fc.record({ does: fc.constantFrom<'add' | 'remove'>('add', 'remove'), ranges: set })
  fc.assert(fc.property(fc.array(step, { maxLength: 9 }), (steps: RangeStep[]) => {
    const inOrder = steps.reduce<RangeSet>((all, { does, ranges }) => (does === 'add' ? union(all, ranges) : subtract(all, ranges)), [])
    expect(setOfSteps(steps)).toEqual(inOrder)
  }))
})
