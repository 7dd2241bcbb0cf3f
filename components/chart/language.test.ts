import { expect, test } from 'vitest'
import { ensureLanguage } from './language.ts'

/** As in a browser: the language is a getter of the prototype. */
function browserIn(language: string) {
  return new (class { get language() { return language } })()
}

test.each(['en-US@posix', 'C', ''])('a browser in "%s" has a language that Intl takes afterwards', (language) => {
  const browser = browserIn(language)
  expect(() => new Intl.NumberFormat(browser.language)).toThrow(RangeError)
  ensureLanguage(browser)
  expect(new Intl.NumberFormat(browser.language).format(1234.5)).toBe('1,234.5')
})

test('any other language stays', () => {
  const browser = browserIn('de-CH')
  ensureLanguage(browser)
  expect(browser.language).toBe('de-CH')
  expect(Object.hasOwn(browser, 'language')).toBe(false)
})
