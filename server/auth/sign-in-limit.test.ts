import { expect, test } from 'vitest'
import { createSignInLimit, triesPerAddress, triesPerEmail } from './sign-in-limit.ts'

function limitAt(start: number) {
  let now = start
  const limit = createSignInLimit({ now: () => now })
  return { limit, forward: (millis: number) => { now += millis } }
}

test('an address has so many tries a minute, whichever accounts it tries', () => {
  const { limit, forward } = limitAt(1_000)
  for (let i = 0; i < triesPerAddress.most; i++) expect(limit.take('192.0.2.1', `p${i}@example.com`)).toBe(0)
  forward(20_000)
  expect(limit.take('192.0.2.1', 'other@example.com')).toBe(40)
  expect(limit.take('192.0.2.2', 'other@example.com')).toBe(0)
  forward(40_000)
  expect(limit.take('192.0.2.1', 'other@example.com')).toBe(0)
})

test('an account has so many tries from everywhere, until its owner comes in', () => {
  const { limit } = limitAt(1_000)
  for (let i = 0; i < triesPerEmail.most; i++) expect(limit.take(`192.0.2.${i}`, 'ann@example.com')).toBe(0)
  expect(limit.take('198.51.100.1', ' Ann@Example.com')).toBe(triesPerEmail.within / 1000)
  limit.succeeded('ANN@example.com')
  expect(limit.take('198.51.100.2', 'ann@example.com')).toBe(0)
})

test('addresses of one IPv6 subscriber count as one', () => {
  const { limit } = limitAt(1_000)
  for (let i = 0; i < triesPerAddress.most; i++) limit.take(`2001:db8:0:1::${i + 1}`, `p${i}@example.com`)
  expect(limit.take('2001:db8:0:1:ffff::1', 'ann@example.com')).toBe(60)
  expect(limit.take('2001:db8:0:2::1', 'ann@example.com')).toBe(0)
})
