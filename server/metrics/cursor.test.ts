import fc from 'fast-check'
import { expect, test } from 'vitest'
import { takeSequence, type Cursor } from './cursor.ts'

test('whatever order, loss and repeats: each sequence is taken once, and none that came is missed', () => {
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 400 }), (arrivals) => {
    let cursor: Cursor | undefined
    const taken: number[] = []
    for (const sequence of arrivals) {
      const moved = takeSequence(cursor, sequence)
      if (moved === undefined) continue
      taken.push(sequence)
      cursor = moved
    }
    expect(taken.toSorted((a, b) => a - b)).toEqual([...new Set(arrivals)].sort((a, b) => a - b))
  }))
})

test('what is remembered of gaps is bounded: the oldest are given up', () => {
  const far = takeSequence({ sequence: 1, missing: [] }, 100_000)
  expect(far?.missing).toHaveLength(256)
  expect(takeSequence(far, 2)).toBeUndefined()
  expect(takeSequence(far, 99_999)?.missing).toHaveLength(255)
})
