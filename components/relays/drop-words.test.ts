import { expect, test } from 'vitest'
import { allocationReasons, datagramReasons } from '../../agent/relay/reasons.ts'
import { dropWords } from './drop-words.ts'

test('every reason of the relay has words of its own', () => {
  const said = [...datagramReasons, ...allocationReasons].map(dropWords)
  expect(new Set(said).size).toBe(said.length)
  expect(said.filter((text) => !/^[A-Z]/.test(text))).toEqual([])
  expect(dropWords('of-a-later-agent')).toBe('of a later agent')
})
