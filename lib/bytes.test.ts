import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBytes, concatBytes, equalBytes, fromHex, toHex } from './bytes.ts'

const bytes = fc.uint8Array({ maxLength: 80 })

test('hex goes there and back', () => {
  fc.assert(fc.property(bytes, (value) => {
    expect(fromHex(toHex(value))).toEqual(value)
    expect(fromHex(toHex(value).toUpperCase())).toEqual(value)
  }))
})

test.each(['0', 'zz', '0x00', ' 00'])('%j is not hex', (text) => {
  expect(fromHex(text)).toBeUndefined()
})

test('equal exactly when neither comes first', () => {
  fc.assert(fc.property(bytes, bytes, (a, b) => {
    expect(equalBytes(a, b)).toBe(compareBytes(a, b) === 0)
    expect(Math.sign(compareBytes(a, b))).toBe(-Math.sign(compareBytes(b, a)) + 0)
  }))
})

test('a prefix comes first', () => {
  expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0)
})

test('joins in order', () => {
  fc.assert(fc.property(fc.array(bytes), (parts) => {
    expect(toHex(concatBytes(...parts))).toBe(parts.map(toHex).join(''))
  }))
})
