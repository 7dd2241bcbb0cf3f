import { expect, test } from 'vitest'
import { removalOf, staysOut } from './removal.ts'

test.each([
  [undefined, undefined, true], ['k', undefined, true], ['k', 'k', true], ['k', 'other', false], [undefined, 'k', false],
])('removed while it held %s, started with %s: stays out %s', (held, given, out) => {
  expect(staysOut(removalOf(held), given)).toBe(out)
  expect(JSON.stringify(removalOf(held))).not.toContain('"k"')
})

test('a machine that was not removed may come with and without a key', () => {
  expect([staysOut(undefined, undefined), staysOut(undefined, 'k')]).toEqual([false, false])
})
