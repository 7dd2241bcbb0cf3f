import { expect, test } from 'vitest'
import { listed, listedUpTo } from './words.ts'

test.each([[[], ''], [['a'], 'a'], [['a', 'b'], 'a and b'], [['a', 'b', 'c'], 'a, b and c']])('%j is "%s"', (texts, words) => {
  expect(listed(texts)).toBe(words)
})

test('more than the most are counted, also those whose names are not known', () => {
  expect(listedUpTo(2, ['a', 'b'])).toBe('a and b')
  expect(listedUpTo(2, ['a', 'b', 'c'])).toBe('a, b and 1 more')
  expect(listedUpTo(2, ['a', 'b', 'c'], 1_502)).toBe('a, b and 1,500 more')
})
