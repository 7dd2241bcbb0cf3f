import { blake2s } from '@noble/hashes/blake2.js'
import { hmac } from '@noble/hashes/hmac.js'
import { concatBytes } from '../../lib/bytes.ts'
import { nonceBytes, prologue, protocolName } from './constants.ts'
import type { NoiseCrypto } from './crypto.ts'

const utf8 = new TextEncoder()
const empty = new Uint8Array(0)
/** Each key of the handshake seals once. */
const zeroNonce = new Uint8Array(nonceBytes)
// The name is one byte longer than a hash, so it is hashed and not padded.
const nameHash = blake2s(utf8.encode(protocolName))

/** The symmetric state of the Noise specification, section 5.2, both roles. */
export class SymmetricState {
  readonly #crypto: NoiseCrypto
  #hash: Uint8Array = nameHash
  #chainingKey: Uint8Array = nameHash

  constructor(crypto: NoiseCrypto, version: number, responderKey: Uint8Array) {
    this.#crypto = crypto
    this.mixHash(utf8.encode(prologue(version)))
    this.mixHash(responderKey)
  }

  /** The handshake's hash so far: at its end the same on both sides, and different for each connection. */
  get hash(): Uint8Array {
    return this.#hash
  }

  mixHash(bytes: Uint8Array): void {
    this.#hash = blake2s(concatBytes(this.#hash, bytes))
  }

  /** Mixes a shared secret in and returns the key to seal with; undefined: the public key has low order. */
  mixDh(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
    const secret = this.#crypto.sharedSecret(privateKey, publicKey)
    if (secret === undefined) return undefined
    const [chainingKey, key] = this.#derive(secret)
    this.#chainingKey = chainingKey
    return key
  }

  seal(key: Uint8Array, plain: Uint8Array): Uint8Array {
    const sealed = this.#crypto.seal(key, zeroNonce, plain, this.#hash)
    this.mixHash(sealed)
    return sealed
  }

  open(key: Uint8Array, sealed: Uint8Array): Uint8Array | undefined {
    const plain = this.#crypto.open(key, zeroNonce, sealed, this.#hash)
    if (plain) this.mixHash(sealed)
    return plain
  }

  /** The keys for records: from the initiator, from the responder. */
  split(): readonly [initiator: Uint8Array, responder: Uint8Array] {
    return this.#derive(empty)
  }

  /** HKDF with the chaining key as salt and no info, two outputs. */
  #derive(input: Uint8Array): [Uint8Array, Uint8Array] {
    const extracted = hmac(blake2s, this.#chainingKey, input)
    const first = hmac(blake2s, extracted, Uint8Array.of(1))
    return [first, hmac(blake2s, extracted, concatBytes(first, Uint8Array.of(2)))]
  }
}
