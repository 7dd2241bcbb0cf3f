import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Address, contains, formatAddress, formatRange, parseAddress, parsePrefix, parseRange, prefixesOf } from './address.ts'

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['2001:db8::1', '2001:db8::1'],
  ['2001:DB8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['::', '::'],
  ['::1', '::1'],
  ['1::', '1::'],
  ['1:2:3:4:5:6:7:0', '1:2:3:4:5:6:7:0'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
])('%s is %s', (text, canonical) => {
  const address = parseAddress(text)
  expect(address === undefined ? undefined : formatAddress(address)).toBe(canonical)
})

test.each(['', '1.2.3', '1.2.3.4.5', '256.1.1.1', '01.2.3.4', ':', ':::', '1::2::3', '1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', 'fe80::1%eth0', '12345::'])(
  '%j is no address', (text) => expect(parseAddress(text)).toBeUndefined(),
)

test.each(['10.0.0.0/33', '::/129', '10.0.0.0/08', '10.0.0.0/', '10.0.0.0/-1', '/8'])('%j is no prefix', (text) => {
  expect(parsePrefix(text)).toBeUndefined()
})

test.each([
  ['10.0.0.9-10.0.0.1'], ['10.0.0.1-::1'], ['10.0.0.1-'], ['-'],
])('%j is no range', (text) => expect(parseRange(text)).toBeUndefined())

test('host bits are cleared, and that is told', () => {
  const prefix = parsePrefix('10.1.2.3/8')
  expect(prefix?.cleared).toBe(true)
  expect(prefix === undefined ? '' : formatRange(prefix.range)).toBe('10.0.0.0/8')
})

const addresses: fc.Arbitrary<Address> = fc.oneof(
  fc.bigInt(0n, 0xffffffffn).map((value) => ({ family: 4 as const, value })),
  fc.bigInt(1n << 64n, (1n << 128n) - 1n).map((value) => ({ family: 6 as const, value })),
)

test('an address survives its text', () => {
  fc.assert(fc.property(addresses, (address) => { expect(parseAddress(formatAddress(address))).toEqual(address) }))
})

test('the prefixes of a range follow each other without gap from its first to its last address', () => {
  fc.assert(fc.property(addresses, fc.bigInt(0n, 5000n), (address, length) => {
    const last = address.value + length
    if (last >= 1n << (address.family === 4 ? 32n : 128n)) return
    const range = { family: address.family, first: address.value, last }
    let next = range.first
    for (const prefix of prefixesOf(range)) {
      expect(prefix.range.first).toBe(next)
      expect(contains(prefix.range, { family: range.family, value: prefix.range.last })).toBe(true)
      next = prefix.range.last + 1n
    }
    expect(next).toBe(last + 1n)
  }))
})
