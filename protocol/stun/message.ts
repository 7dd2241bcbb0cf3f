import { fail, ok, type Result } from '../../lib/result.ts'

/**
 * RFC 5389 section 6: type(2) length(2) cookie(4) transaction(12), then attributes type(2) length(2) value, padded to 4.
 * `length` counts the attributes only.
 */
export const stunHeaderBytes = 20
export const stunCookie = 0x2112a442
export const transactionIdBytes = 12

export const stunType = { bindingRequest: 0x0001, bindingSuccess: 0x0101 } as const
export const stunAttribute = { mappedAddress: 0x0001, xorMappedAddress: 0x0020, software: 0x8022, fingerprint: 0x8028 } as const

export type StunError = 'not-stun' | 'malformed' | 'bad-fingerprint'

export interface StunAttribute {
  readonly type: number
  readonly value: Uint8Array
}

export interface StunMessage {
  readonly type: number
  /** 12 bytes, chosen by who asks. */
  readonly transactionId: Uint8Array
  readonly attributes: readonly StunAttribute[]
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** True when the bytes look like STUN: what tells it apart from Geneve and disco on one port. */
export function isStun(bytes: Uint8Array): boolean {
  return bytes.length >= stunHeaderBytes && (bytes[0] ?? 0) < 0x40 && viewOf(bytes).getUint32(4) === stunCookie
}

const crcTable: readonly number[] = Array.from({ length: 256 }, (_, i) => {
  let crc = i
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  return crc >>> 0
})

/** RFC 5389 section 15.5: CRC-32 of all that comes before the attribute, XORed with "STUN". */
function fingerprintOf(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8)
  return (crc ^ 0xffffffff ^ 0x5354554e) >>> 0
}

/** Encodes a message, FINGERPRINT last when asked for. */
export function encodeStun(message: StunMessage, options: { readonly fingerprint: boolean }): Uint8Array {
  const attributes = options.fingerprint
    ? [...message.attributes, { type: stunAttribute.fingerprint, value: new Uint8Array(4) }]
    : message.attributes
  const length = attributes.reduce((sum, { value }) => sum + 4 + ((value.length + 3) & ~3), 0)
  const bytes = new Uint8Array(stunHeaderBytes + length)
  const view = viewOf(bytes)
  view.setUint16(0, message.type)
  view.setUint16(2, length)
  view.setUint32(4, stunCookie)
  bytes.set(message.transactionId.subarray(0, transactionIdBytes), 8)
  let at = stunHeaderBytes
  for (const { type, value } of attributes) {
    view.setUint16(at, type)
    view.setUint16(at + 2, value.length)
    bytes.set(value, at + 4)
    at += 4 + ((value.length + 3) & ~3)
  }
  if (options.fingerprint) view.setUint32(at - 4, fingerprintOf(bytes.subarray(0, at - 8)))
  return bytes
}

/** Reads any STUN message. Bytes after its stated length are ignored; a FINGERPRINT, where there is one, must be right and last. */
export function decodeStun(bytes: Uint8Array): Result<StunMessage, StunError> {
  if (!isStun(bytes)) return fail('not-stun')
  const view = viewOf(bytes)
  const end = stunHeaderBytes + view.getUint16(2)
  if (end > bytes.length || end % 4 !== 0) return fail('malformed')
  const attributes: StunAttribute[] = []
  for (let at = stunHeaderBytes; at < end; ) {
    // `end` and every step are multiples of four, so an attribute's header is whole.
    const type = view.getUint16(at)
    const next = at + 4 + ((view.getUint16(at + 2) + 3) & ~3)
    if (next > end) return fail('malformed')
    const value = bytes.subarray(at + 4, at + 4 + view.getUint16(at + 2))
    if (type === stunAttribute.fingerprint) {
      if (next !== end || value.length !== 4) return fail('malformed')
      if (view.getUint32(at + 4) !== fingerprintOf(bytes.subarray(0, at))) return fail('bad-fingerprint')
    }
    attributes.push({ type, value })
    at = next
  }
  return ok({ type: view.getUint16(0), transactionId: bytes.subarray(8, stunHeaderBytes), attributes })
}
