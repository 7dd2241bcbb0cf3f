import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSharedKeys, discoOuterBytes, discoSender, keyPairFrom, looksLikeDisco, openDisco, sealDisco, sharedKey } from './index.ts'

const alice = keyPairFrom(new Uint8Array(32).fill(7))
const bob = keyPairFrom(new Uint8Array(32).fill(9))
const shared = sharedKey(alice.privateKey, bob.publicKey) ?? new Uint8Array(32)

test('both ends share one key; what one seals the other opens', () => {
  expect(sharedKey(bob.privateKey, alice.publicKey)).toEqual(shared)
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 24, maxLength: 24 }), fc.uint8Array({ maxLength: 1500 }), (nonce, inner) => {
      const packet = sealDisco(alice.publicKey, shared, nonce, inner)
      expect(looksLikeDisco(packet)).toBe(true)
      expect(discoSender(packet)).toEqual(alice.publicKey)
      expect(openDisco(shared, packet)).toEqual({ ok: true, value: inner })
    }),
  )
})

test('a flipped bit or a cut packet does not open', () => {
  const packet = sealDisco(alice.publicKey, shared, new Uint8Array(24), new Uint8Array(40))
  fc.assert(
    fc.property(fc.integer({ min: 38, max: packet.length - 1 }), fc.nat(7), (at, bit) => {
      const flipped = packet.slice()
      flipped[at] = (flipped[at] ?? 0) ^ (1 << bit)
      expect(openDisco(shared, flipped).ok).toBe(false)
      expect(openDisco(shared, packet.subarray(0, at)).ok).toBe(false)
    }),
  )
  expect(openDisco(shared, packet.subarray(0, discoOuterBytes - 1))).toEqual({ ok: false, reason: 'not-disco' })
  expect(openDisco(shared, packet.subarray(0, discoOuterBytes))).toEqual({ ok: false, reason: 'not-opened' })
})

test('a public key of low order shares nothing', () => {
  expect(sharedKey(alice.privateKey, new Uint8Array(32))).toBeUndefined()
})

test('the cache gives the same keys, also beyond its bound', () => {
  const keys = createSharedKeys(alice.privateKey, 2)
  const others = [1, 2, 3, 1].map((seed) => keyPairFrom(new Uint8Array(32).fill(seed)).publicKey)
  for (const other of others) expect(keys(other)).toEqual(sharedKey(alice.privateKey, other))
  expect(keys(bob.publicKey)).toBe(keys(bob.publicKey))
})
