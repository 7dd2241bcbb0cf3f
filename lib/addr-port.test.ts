import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeAddrPort, encodeAddrPort, formatAddrPort, parseAddrPort, subscriberOf } from './addr-port.ts'
import { toHex } from './bytes.ts'

const spellings: readonly [text: string, wire: string, canonical: string][] = [
  ['192.0.2.1:256', '00000000000000000000ffffc00002010100', '192.0.2.1:256'],
  ['[::]:0', '000000000000000000000000000000000000', '[::]:0'],
  ['[2001:db8:0:0:0:0:0:FF]:443', '20010db80000000000000000000000ff01bb', '[2001:db8::ff]:443'],
  ['[::ffff:10.0.0.1]:9', '00000000000000000000ffff0a0000010009', '10.0.0.1:9'],
  ['[64:ff9b::1.2.3.4]:5', '0064ff9b0000000000000000010203040005', '[64:ff9b::102:304]:5'],
  ['[fe80::1%eth0]:3', 'fe8000000000000000000000000000010003', '[fe80::1]:3'],
  ['[1:0:0:2:0:0:3:4]:1', '00010000000000020000000000030004' + '0001', '[1::2:0:0:3:4]:1'],
]

test.each(spellings)('%s', (text, wire, canonical) => {
  const parsed = parseAddrPort(text)
  if (!parsed.ok) throw new Error(parsed.reason)
  expect(toHex(encodeAddrPort(parsed.value))).toBe(wire)
  expect(formatAddrPort(parsed.value)).toBe(canonical)
})

test.each([
  ['1.2.3.4', 'bad-port'], ['1.2.3.4:', 'bad-port'], ['1.2.3.4:65536', 'bad-port'], ['1.2.3:4', 'bad-address'],
  ['01.2.3.4:5', 'bad-address'], ['1.2.3.256:5', 'bad-address'], ['::1:80', 'bad-address'], ['[1.2.3.4]:5', 'bad-address'],
  ['[1:2:3:4:5:6:7:8::]:1', 'bad-address'], ['[1::2::3]:1', 'bad-address'], ['[:1]:1', 'bad-address'], ['[12345::]:1', 'bad-address'],
  ['[1.2.3.4::]:1', 'bad-address'], ['host:1', 'bad-address'], [':1', 'bad-address'], ['', 'bad-port'],
])('%s is %s', (text, reason) => {
  expect(parseAddrPort(text)).toEqual({ ok: false, reason })
})

test('any 18 bytes read, and their text reads back to the same', () => {
  const sparse = fc.array(fc.constantFrom(0, 0, 0, 0xff, 1), { minLength: 18, maxLength: 18 }).map((a) => Uint8Array.from(a))
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ minLength: 18, maxLength: 18 }), sparse), (bytes) => {
      const read = decodeAddrPort(bytes)
      expect(parseAddrPort(formatAddrPort(read))).toEqual({ ok: true, value: read })
      expect(encodeAddrPort(read)).toEqual(bytes)
    }),
  )
})

test.each([
  ['192.0.2.1', '192.0.2.1'], ['::ffff:192.0.2.1', '192.0.2.1'], ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'], ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:db8::1:2:3:4:5', '2001:db8:0:1::/64'], ['::1', '::/64'], ['fe80::1%eth0', 'fe80::/64'], ['unknown', 'unknown'], ['', ''],
])('limits count %s as %s', (address, subscriber) => {
  expect(subscriberOf(address)).toBe(subscriber)
})
