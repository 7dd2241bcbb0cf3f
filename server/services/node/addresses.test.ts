import { expect, test } from 'vitest'
import { ipv6Of, usableFrom } from './addresses.ts'
import { labelOf } from './names.ts'

const number = (ipv4: string): number => ipv4.split('.').reduce((value, part) => value * 256 + Number(part), 0)

test.each([
  ['100.64.1.2', 'fd7a:115c:a1e0:ab12:4843:cd96:6240:102'],
  ['100.64.0.1', 'fd7a:115c:a1e0:ab12:4843:cd96:6240:1'],
  ['100.127.255.254', 'fd7a:115c:a1e0:ab12:4843:cd96:627f:fffe'],
])('%s comes with %s', (ipv4, ipv6) => {
  expect(ipv6Of(ipv4)).toBe(ipv6)
})

test.each([
  ['100.64.0.0', '100.64.0.1'], ['100.100.0.0', '100.100.1.0'], ['100.100.100.100', '100.100.101.0'], ['100.101.102.103', '100.101.102.104'],
  ['100.115.92.17', '100.115.94.0'], ['100.70.1.1', '100.70.1.1'],
])('the first usable address from %s on is %s', (from, usable) => {
  expect(usableFrom(number(from))).toBe(number(usable))
})

test('the range has an end', () => {
  expect(usableFrom(number('100.127.255.254'))).toBe(number('100.127.255.254'))
  expect(usableFrom(number('100.127.255.255'))).toBeUndefined()
})

test.each([
  ['Lock-1.example.com', 'lock-1'], ['  ann’s laptop ', 'ann-s-laptop'], ['---', 'machine'], ['', 'machine'], ['.', 'machine'], [`${'a'.repeat(70)}`, 'a'.repeat(63)],
])('"%s" is called %s', (text, label) => {
  expect(labelOf(text)).toBe(label)
})
