import { createPublicKey, verify as verifySignature } from 'node:crypto'
import { fromHex } from '../../lib/bytes.ts'
import { parseKey } from '../../protocol/keys.ts'

const signatureBytes = 64

/** Whether an Ed25519 signature in hex over `text` is by a machine key's text. False for whatever is malformed. */
export function verifyMachineKey(machineKey: string, text: string, signature: string): boolean {
  const raw = parseKey('mkey', machineKey)
  const bytes = fromHex(signature)
  if (!raw.ok || bytes?.length !== signatureBytes) return false
  try {
    const key = createPublicKey({ format: 'jwk', key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(raw.value).toString('base64url') } })
    return verifySignature(null, Buffer.from(text), key, bytes)
  } catch {
    return false
  }
}
