import { concatBytes, toHex } from '../../lib/bytes.ts'
import { fail, ok, type Result } from '../../lib/result.ts'

/** Spec coordination.md, section 1.5: what the server may say before HTTP/2, ff ff ff "TS" length(4) JSON. */
const magic = Uint8Array.of(0xff, 0xff, 0xff, 0x54, 0x53)
const headerBytes = magic.length + 4
export const maxEarlyBytes = 10 * 1024 * 1024

/** `nodeKeyChallenge`: 32 raw bytes of a public key that is made for this connection. */
export function encodeEarlyPayload(nodeKeyChallenge: Uint8Array): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify({ nodeKeyChallenge: `chalpub:${toHex(nodeKeyChallenge)}` }))
  const length = new Uint8Array(4)
  new DataView(length.buffer).setUint32(0, json.length)
  return concatBytes(magic, length, json)
}

export type EarlyError = 'early-too-long' | 'early-bad-json'

export interface EarlyRead {
  /** The payload's JSON, once, when it has become whole with these bytes. */
  readonly payload?: unknown
  /** What is HTTP/2's. */
  readonly rest: Uint8Array
}

const none = new Uint8Array(0)

/**
 * The client's side: takes the next bytes of the plaintext, and tells what comes before HTTP/2 from it. Without the magic, the
 * first nine bytes are HTTP/2's. Keeps at most `maxBytes`. After a failure it fails for ever.
 */
export function createEarlyReader(maxBytes = maxEarlyBytes): (bytes: Uint8Array) => Result<EarlyRead, EarlyError> {
  const header = new Uint8Array(headerBytes)
  let headerHas = 0
  let body: Uint8Array | undefined
  let bodyHas = 0
  let isOver = false
  let wrong: EarlyError | undefined

  function read(bytes: Uint8Array): Result<EarlyRead, EarlyError> {
    if (isOver) return ok({ rest: bytes })
    let at = 0
    if (!body) {
      const part = bytes.subarray(0, headerBytes - headerHas)
      header.set(part, headerHas)
      headerHas += part.length
      at = part.length
      if (headerHas < headerBytes) return ok({ rest: none })
      if (magic.some((byte, i) => byte !== header[i])) {
        isOver = true
        return ok({ rest: concatBytes(header, bytes.subarray(at)) })
      }
      const length = new DataView(header.buffer).getUint32(magic.length)
      if (length > maxBytes) return fail('early-too-long')
      body = new Uint8Array(length)
    }
    const part = bytes.subarray(at, at + body.length - bodyHas)
    body.set(part, bodyHas)
    bodyHas += part.length
    if (bodyHas < body.length) return ok({ rest: none })
    isOver = true
    try {
      const payload: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
      return ok({ payload, rest: bytes.subarray(at + part.length) })
    } catch {
      return fail('early-bad-json')
    }
  }

  return (bytes) => {
    if (wrong !== undefined) return fail(wrong)
    const result = read(bytes)
    if (!result.ok) wrong = result.reason
    return result
  }
}
