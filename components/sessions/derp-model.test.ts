import { expect, test } from 'vitest'
import type { DerpPair } from '../../server/trpc/types.ts'
import { withDerpSample } from './derp-model.ts'

const pair = (a: number, b: number): DerpPair => ({ a: { id: a, name: `m${a}` }, b: { id: b, name: `m${b}` }, rateFromA: 12e6, rateFromB: 0, why: 'no relay is on', line: null, granted: true })
const known = [pair(1, 2), pair(3, 4)]
const sample = { at: 1, relays: [], sessions: [], derpBits: 0 }

test('a pair that left DERP since the list was asked for is not beside a rate of nothing', () => {
  expect(withDerpSample(known, { ...sample, derpPairs: [] })).toEqual({ pairs: [], lacks: false })
})

test('a second brings rates, and says that there is a pair which the list lacks', () => {
  const derpPairs = [{ a: 3, b: 4, rateFromA: 5, rateFromB: 6 }]
  const now = { ...pair(3, 4), rateFromA: 5, rateFromB: 6 }
  expect(withDerpSample(known, { ...sample, derpBits: 11, derpPairs })).toEqual({ pairs: [now], lacks: false })
  expect(withDerpSample(known, { ...sample, derpPairs: [...derpPairs, { a: 1, b: 9, rateFromA: 1, rateFromB: 0 }] })).toEqual({ pairs: [now], lacks: true })
})

test('without a second, or one that tells no pairs, the list is as it was asked for', () => {
  expect(withDerpSample(known, null)).toEqual({ pairs: known, lacks: false })
  expect(withDerpSample(known, sample)).toEqual({ pairs: known, lacks: false })
})
