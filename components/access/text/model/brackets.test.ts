import { expect, test } from 'vitest'
import { matchingBracket } from './brackets.ts'

test.each([
  ['a plain list', '[1, 2]', 5],
  ['nested', '[{"a": [1]}, []]', 15],
  ['brackets in a string', '["]", "\\"]", "\\\\"]', 17],
  ['brackets in comments', '[ // ]\n /* ] */ /*/ ] */ 1]', 26],
  ['letters of two units', '["\u{1F6A2}"]', 5],
  ['not closed', '[[1]', undefined],
])('%s', (_, text, expected) => {
  expect(matchingBracket([text.slice(1)], 1)).toBe(expected)
  expect(matchingBracket([...text.slice(1)], 1)).toBe(expected)
})

test('what closes too far away is not looked for', () => {
  expect(matchingBracket(['1'.repeat(300_000), ']'], 1)).toBeUndefined()
})
