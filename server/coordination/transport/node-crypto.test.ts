import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toHex } from '../../../lib/bytes.ts'
import { nobleCrypto } from '../../../protocol/noise/index.ts'
import { nodeCrypto } from './node-crypto.ts'

const raw = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const text = (bytes: Uint8Array | undefined): string => bytes ? toHex(bytes) : 'none'

test('the system’s primitives are the pure ones', () => {
  fc.assert(fc.property(raw(32), raw(12), fc.uint8Array({ maxLength: 4077 }), fc.option(raw(32), { nil: undefined }), (key, nonce, plain, associated) => {
    const sealed = nobleCrypto.seal(key, nonce, plain, associated)
    expect(text(nodeCrypto.seal(key, nonce, plain, associated))).toBe(text(sealed))
    expect(text(nodeCrypto.open(key, nonce, sealed, associated))).toBe(toHex(plain))
    const other = sealed.slice()
    other[plain.length] = (other[plain.length] ?? 0) ^ 1
    expect([nodeCrypto.open(key, nonce, other, associated), nobleCrypto.open(key, nonce, other, associated)]).toEqual([undefined, undefined])
    // Without its associated data it is another box; without any, another nonce makes it one.
    expect(nodeCrypto.open(key, associated ? nonce : nonce.map((byte) => byte ^ 1), sealed)).toBeUndefined()
  }))
  fc.assert(fc.property(raw(32), raw(32), (own, other) => {
    expect(text(nodeCrypto.publicKey(own))).toBe(text(nobleCrypto.publicKey(own)))
    const theirs = nobleCrypto.publicKey(other)
    expect(text(nodeCrypto.sharedSecret(own, theirs))).toBe(text(nobleCrypto.sharedSecret(own, theirs)))
    // Not every 32 bytes are on the curve; both take its twist as well.
    expect(text(nodeCrypto.sharedSecret(own, other))).toBe(text(nobleCrypto.sharedSecret(own, other)))
  }), { numRuns: 30 })
})

test.each(['00'.repeat(32), `01${'00'.repeat(31)}`, 'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', `ed${'ff'.repeat(30)}7f`])('no secret is made with %s', (point) => {
  expect(nodeCrypto.sharedSecret(new Uint8Array(32).fill(1), Buffer.from(point, 'hex'))).toBeUndefined()
})
