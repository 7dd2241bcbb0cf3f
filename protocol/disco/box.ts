import { toHex } from '../../lib/bytes.ts'
import { beforeBox, boxPublicKey } from '../nacl-box.ts'

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
  return { privateKey, publicKey: boxPublicKey(privateKey) }
}

/** The key shared with `publicKey`; undefined where there is none (a key of low order, say). */
export function sharedKey(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  const shared = beforeBox(privateKey, publicKey)
  return shared.ok ? shared.value : undefined
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
