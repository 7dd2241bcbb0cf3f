import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { x25519 } from '@noble/curves/ed25519.js'

/** The two primitives that cost time. An edge may bring its system's, which are several times faster than these. */
export interface NoiseCrypto {
  /** ChaCha20-Poly1305: ciphertext and tag. */
  readonly seal: (key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, associated?: Uint8Array) => Uint8Array
  /** The plaintext; undefined: not sealed with this key, nonce and associated data. `sealed` has at least a tag. */
  readonly open: (key: Uint8Array, nonce: Uint8Array, sealed: Uint8Array, associated?: Uint8Array) => Uint8Array | undefined
  /** X25519; undefined: a key of low order, with which the secret would be all zero. */
  readonly sharedSecret: (privateKey: Uint8Array, publicKey: Uint8Array) => Uint8Array | undefined
  readonly publicKey: (privateKey: Uint8Array) => Uint8Array
}

export const nobleCrypto: NoiseCrypto = {
  seal: (key, nonce, plain, associated) => chacha20poly1305(key, nonce, associated).encrypt(plain),
  open(key, nonce, sealed, associated) {
    try {
      return chacha20poly1305(key, nonce, associated).decrypt(sealed)
    } catch {
      return undefined
    }
  },
  sharedSecret(privateKey, publicKey) {
    try {
      return x25519.getSharedSecret(privateKey, publicKey)
    } catch {
      return undefined
    }
  },
  publicKey: (privateKey) => x25519.getPublicKey(privateKey),
}
