import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { x25519 } from '@noble/curves/ed25519.js'
import { fail, ok, type Result } from '../lib/result.ts'

/** NaCl `crypto_box` (X25519, XSalsa20-Poly1305), which seals disco messages (spec section 2) and DERP's infos (section 5). */
export const boxNonceBytes = 24
/** What a box is longer than its plaintext: the Poly1305 tag, which comes first. */
export const boxOverheadBytes = 16
export const boxKeyBytes = 32

export type BoxError = 'short' | 'bad-nonce' | 'forged'

/** "expand 32-byte k", Salsa20's constant, as little-endian words. */
const sigma = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574)

function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true))
}

/** The public key (32 raw bytes) of a private one. */
export function boxPublicKey(privateKey: Uint8Array): Uint8Array {
  return x25519.getPublicKey(privateKey)
}

/**
 * `box.before`: the shared key of two parties, 32 bytes, worth keeping per pair.
 * A public key of low order gives no secret: `bad-key`.
 */
export function beforeBox(privateKey: Uint8Array, publicKey: Uint8Array): Result<Uint8Array, 'bad-key'> {
  if (privateKey.length !== boxKeyBytes || publicKey.length !== boxKeyBytes) return fail('bad-key')
  let secret: Uint8Array
  try {
    secret = x25519.getSharedSecret(privateKey, publicKey)
  } catch {
    return fail('bad-key')
  }
  const out = new Uint32Array(8)
  hsalsa(sigma, words(secret), new Uint32Array(4), out)
  const shared = new Uint8Array(boxKeyBytes)
  const view = new DataView(shared.buffer)
  for (const [i, word] of out.entries()) view.setUint32(4 * i, word, true)
  return ok(shared)
}

/** Tag and ciphertext. `shared` is from `beforeBox`, `nonce` 24 bytes never used twice with it. */
export function sealBox(shared: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  return xsalsa20poly1305(shared, nonce).encrypt(plain)
}

/** The plaintext of `sealBox`, or why there is none. */
export function openBox(shared: Uint8Array, nonce: Uint8Array, box: Uint8Array): Result<Uint8Array, BoxError> {
  if (nonce.length !== boxNonceBytes) return fail('bad-nonce')
  if (box.length < boxOverheadBytes) return fail('short')
  try {
    return ok(xsalsa20poly1305(shared, nonce).decrypt(box))
  } catch {
    return fail('forged')
  }
}
