import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { OptionText } from './option-text.tsx'

const drawn = (text: string): string => renderToStaticMarkup(<OptionText text={text} />).replaceAll('<span class="whitespace-nowrap">', '[').replaceAll('</span>', ']')

test('options stay whole, with what stands for their value; other text is as it was', () => {
  expect(drawn('start with --acme NAME, or --tls-cert and --tls-key')).toBe('start with [--acme NAME], or [--tls-cert] and [--tls-key]')
  expect(drawn('give it as --public-url')).toBe('give it as [--public-url]')
  expect(drawn('a well-known host -- no option')).toBe('a well-known host -- no option')
  expect(drawn('')).toBe('')
})
