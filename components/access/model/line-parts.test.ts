import { expect, test } from 'vitest'
import { lineParts } from './line-parts.ts'

test.each([
  ['Nothing.', [{ text: 'Nothing.' }]],
  ['By the grant on line 12.', [{ text: 'By the grant on line ' }, { line: 12 }, { text: '.' }]],
  ['By lines 3, 5 and the acl on line 9', [{ text: 'By lines ' }, { line: 3 }, { text: ', ' }, { line: 5 }, { text: ' and the acl on line ' }, { line: 9 }]],
  ['An airline 3 away', [{ text: 'An airline 3 away' }]],
])('%s', (sentence, parts) => {
  expect(lineParts(sentence)).toEqual(parts)
})
