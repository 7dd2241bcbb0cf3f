import { expect, test } from 'vitest'
import { formatRate, parseRate } from './rate.ts'

test.each([['50mbit', 50e6], ['1.5 gbit', 1.5e9], ['64kbit', 64e3], ['50Mbit', undefined], ['50', undefined], ['50mbit/s', undefined]])('rate %s', (text, bits) => {
  expect(parseRate(text)).toBe(bits)
})

test.each([[64e3, '64 kbit/s'], [3e6, '3 Mbit/s'], [50e6, '50 Mbit/s'], [1.5e9, '1.5 Gbit/s']])('%d bits a second are %s', (bits, text) => {
  expect(formatRate(bits)).toBe(text)
})
