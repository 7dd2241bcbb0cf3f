import { expect, test } from 'vitest'
import { tokenScopeSchema } from '@/server/services/permissions.ts'
import { fieldErrorText } from './field-error.ts'
import { inGroups, readNumber, readWhole } from './forms.ts'
import { keyPreview, keyStateWord, keyWords } from './keys.ts'
import { scopesText, scopeWords } from './scopes.ts'

test('every scope that a token can have is in the form, once', () => {
  const offered = scopeWords.flatMap(({ read, write }) => [read, write]).filter((scope) => scope !== undefined)
  expect(offered.toSorted()).toEqual(tokenScopeSchema.options.toSorted())
})

test('scopes read by area', () => {
  expect(scopesText(['sessions:read', 'relays:write', 'relays:read', 'later:read'])).toBe('Relays read and write, Sessions read, later:read')
})

test.each([['20', true], ['0.5', false], ['', false], ['x', false], ['10001', false]])('"%s" as Mbit/s: %s', (typed, ok) => {
  expect(readNumber(typed, 1, 10_000, 'The limit').ok).toBe(ok)
})

test('days are whole', () => {
  expect(readWhole('7', 1, 365, 'Validity')).toEqual({ ok: true, value: 7 })
  expect(readWhole('7.5', 1, 365, 'Validity')).toEqual({ ok: false, text: 'Validity is a whole number.' })
  expect(readWhole('0', 1, 365, 'Validity')).toEqual({ ok: false, text: 'Validity is 1 to 365.' })
})

test('a pin reads in groups of four', () => {
  expect([inGroups('sha256:9f41c07e55'), inGroups('abcdef')]).toEqual(['sha256:9f41 c07e 55', 'abcd ef'])
})

test('a key says what joins with it', () => {
  expect(keyPreview({ reusable: false, ephemeral: false, waits: false, tags: ['tag:relay'], days: 7 })).toBe('One machine can join within 7 days, with tag:relay.')
  expect(keyPreview({ reusable: true, ephemeral: true, waits: true, tags: [], days: 1 }))
    .toBe('Any number of machines can join within 1 day, as yours. A Tailscale client then waits for approval. It is removed when it goes offline.')
  expect([keyWords({ reusable: false, ephemeral: true, preApproved: true }), keyWords({ reusable: true, ephemeral: false, preApproved: false }), keyStateWord('used-up')]).toEqual(['One-off, ephemeral', 'Reusable, waits for approval', 'Used up'])
})

test.each([
  ['name: letters and digits', 'Correct the field and try again', 'name', 'Letters and digits.'],
  ['lock-1 is taken', 'Choose another name', 'name', 'lock-1 is taken. Choose another name.'],
  ['Nobody may.', '', undefined, 'Nobody may.'],
])('under a field, "%s" reads without the field’s name', (text, fix, path, expected) => {
  expect(fieldErrorText({ text, fix, path })).toBe(expected)
})
