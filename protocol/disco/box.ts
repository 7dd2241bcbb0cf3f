import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js'
import { x25519 } from '@noble/curves/ed25519.js'
import { toHex } from '../../lib/bytes.ts'

const sigma = new TextEncoder().encode('expand 32-byte k')

/** A little-endian machine's words of a fresh, aligned copy. */
function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer)
}

/** An X25519 pair, raw. */
export interface KeyPair {
  readonly privateKey: Uint8Array
  readonly publicKey: Uint8Array
}

/** A pair from 32 random bytes, clamped as stock keys are. */
export function keyPairFrom(random32: Uint8Array): KeyPair {
  const privateKey = random32.slice()
  privateKey[0] = (privateKey[0] ?? 0) & 248
  privateKey[31] = ((privateKey[31] ?? 0) & 127) | 64
  return { privateKey, publicKey: x25519.getPublicKey(privateKey) }
}

/** NaCl `box.before`; undefined for a public key of low order (all zeros, say), with which no secret can be shared. */
export function sharedKey(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  let point: Uint8Array
  try {
    point = x25519.getSharedSecret(privateKey, publicKey)
  } catch {
    return undefined
  }
  const out = new Uint32Array(8)
  hsalsa(words(sigma), words(point), new Uint32Array(4), out)
  return new Uint8Array(out.buffer)
}

/** `authenticator(16) ciphertext`. The nonce has 24 bytes and is used once. */
export function boxSeal(shared: Uint8Array, nonce: Uint8Array, plain: Uint8Array): Uint8Array {
  return xsalsa20poly1305(shared, nonce).encrypt(plain)
}

export function boxOpen(shared: Uint8Array, nonce: Uint8Array, box: Uint8Array): Uint8Array | undefined {
  if (box.length < 16) return undefined
  try {
    return xsalsa20poly1305(shared, nonce).decrypt(box)
  } catch {
    return undefined
  }
}

export type SharedKeys = (publicKey: Uint8Array) => Uint8Array | undefined

/** `sharedKey` for one private key, kept: X25519 is the dear part of a packet. The oldest of `limit` keys goes first. */
export function createSharedKeys(privateKey: Uint8Array, limit = 1024): SharedKeys {
  /** Bounded: `limit` entries, in order of last use. */
  const known = new Map<string, Uint8Array | undefined>()
  return (publicKey) => {
    const name = toHex(publicKey)
    const cached = known.has(name)
    const shared = cached ? known.get(name) : sharedKey(privateKey, publicKey)
    if (cached) known.delete(name)
    known.set(name, shared)
    if (known.size > limit) {
      const oldest = known.keys().next()
      if (!oldest.done) known.delete(oldest.value)
    }
    return shared
  }
}
