import { createCipheriv, createDecipheriv, createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { keyBytes, type NoiseCrypto } from '../../../protocol/noise/index.ts'

const cipher = 'chacha20-poly1305'
const tagBytes = 16
/** What RFC 8410 has before the 32 raw bytes of an X25519 key, private and public. */
const privatePrefix = Buffer.from('302e020100300506032b656e04220420', 'hex')
const publicPrefix = Buffer.from('302a300506032b656e032100', 'hex')

/** Bounded: by raw keys, which nobody may change, and gone with them. A handshake uses each several times, and the making costs as much as the use. */
const privateKeys = new WeakMap<Uint8Array, KeyObject>()

function privateKeyOf(raw: Uint8Array): KeyObject {
  const known = privateKeys.get(raw)
  if (known) return known
  const made = createPrivateKey({ key: Buffer.concat([privatePrefix, raw]), format: 'der', type: 'pkcs8' })
  privateKeys.set(raw, made)
  return made
}

/** The system's primitives, several times faster than the pure ones. */
export const nodeCrypto: NoiseCrypto = {
  seal(key, nonce, plain, associated) {
    const sealing = createCipheriv(cipher, key, nonce, { authTagLength: tagBytes })
    if (associated) sealing.setAAD(associated, { plaintextLength: plain.length })
    return Buffer.concat([sealing.update(plain), sealing.final(), sealing.getAuthTag()])
  },
  open(key, nonce, sealed, associated) {
    const length = sealed.length - tagBytes
    const opening = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
    if (associated) opening.setAAD(associated, { plaintextLength: length })
    opening.setAuthTag(sealed.subarray(length))
    const plain = opening.update(sealed.subarray(0, length))
    try {
      opening.final()
    } catch {
      return undefined
    }
    return plain
  },
  sharedSecret(privateKey, publicKey) {
    try {
      const secret = diffieHellman({
        privateKey: privateKeyOf(privateKey),
        publicKey: createPublicKey({ key: Buffer.concat([publicPrefix, publicKey]), format: 'der', type: 'spki' }),
      })
      // OpenSSL refuses these itself; not every library that stands in for it does.
      return secret.every((byte) => byte === 0) ? undefined : secret
    } catch {
      return undefined
    }
  },
  publicKey: (privateKey) => createPublicKey(privateKeyOf(privateKey)).export({ type: 'spki', format: 'der' }).subarray(-keyBytes),
}
