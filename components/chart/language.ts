/** What a browser says of its language, as far as plots read it. */
interface SpeaksLanguage { readonly language: string }

function isKnown(language: string): boolean {
  try {
    return Intl.getCanonicalLocales(language).length > 0
  } catch {
    return false
  }
}

/**
 * uPlot hands `navigator.language` to Intl as its module is evaluated, and Intl throws at what is no BCP 47 tag: a browser
 * started in the C locale says `en-US@posix`. Such a language reads `en-US` from here on; every other stays.
 */
export function ensureLanguage(browser: SpeaksLanguage): void {
  if (!isKnown(browser.language)) Object.defineProperty(browser, 'language', { value: 'en-US', configurable: true })
}
