import { decodeIp, encodeIp, type AddrPort } from '../../lib/addr-port.ts'
import { fail, ok, type Result } from '../../lib/result.ts'
import { decodeStun, encodeStun, stunAttribute, stunCookie, stunType, type StunError } from './message.ts'

/** What stock clients call themselves, and what a stock server insists on (spec section 6). */
const software = new TextEncoder().encode('tailnode')

export type BindingRequestError = StunError | 'not-a-request'
export type BindingResponseError = StunError | 'not-a-response' | 'no-address'

export interface BindingRequest {
  /** 12 random bytes; the response carries them. */
  readonly transactionId: Uint8Array
}

export interface BindingResponse {
  readonly transactionId: Uint8Array
  /** Where the request came from, as the server saw it. */
  readonly address: AddrPort
}

/** A Binding request as a stock client sends it: with SOFTWARE and FINGERPRINT. */
export function encodeBindingRequest(request: BindingRequest): Uint8Array {
  const attributes = [{ type: stunAttribute.software, value: software }]
  return encodeStun({ type: stunType.bindingRequest, transactionId: request.transactionId, attributes }, { fingerprint: true })
}

/** Accepts requests with or without SOFTWARE and FINGERPRINT; a wrong FINGERPRINT is refused (spec section 6). */
export function decodeBindingRequest(bytes: Uint8Array): Result<BindingRequest, BindingRequestError> {
  const message = decodeStun(bytes)
  if (!message.ok) return message
  if (message.value.type !== stunType.bindingRequest) return fail('not-a-request')
  return ok({ transactionId: message.value.transactionId })
}

/** RFC 5389 section 15.2: the address is XORed with cookie and transaction ID, the port with the cookie's first half. */
function xorWith(address: Uint8Array, transactionId: Uint8Array): Uint8Array {
  const mask = new Uint8Array(16)
  new DataView(mask.buffer).setUint32(0, stunCookie)
  mask.set(transactionId, 4)
  return address.map((byte, i) => byte ^ (mask[i] ?? 0))
}

/** A success response, XOR-MAPPED-ADDRESS only. Throws on an `ip` that is no address: a bug. */
export function encodeBindingResponse(response: BindingResponse): Uint8Array {
  const ip = encodeIp(response.address.ip)
  if (!ip) throw new TypeError(`not an address: ${response.address.ip}`)
  const v4 = !response.address.ip.includes(':')
  const address = xorWith(v4 ? ip.subarray(12) : ip, response.transactionId)
  const value = new Uint8Array(4 + address.length)
  value[1] = v4 ? 1 : 2
  new DataView(value.buffer).setUint16(2, response.address.port ^ (stunCookie >>> 16))
  value.set(address, 4)
  const attributes = [{ type: stunAttribute.xorMappedAddress, value }]
  return encodeStun({ type: stunType.bindingSuccess, transactionId: response.transactionId, attributes }, { fingerprint: false })
}

function readAddress(value: Uint8Array, mask: ((address: Uint8Array) => Uint8Array) | undefined): AddrPort | undefined {
  const length = value[1] === 1 ? 4 : value[1] === 2 ? 16 : 0
  if (length === 0 || value.length !== 4 + length) return undefined
  const address = mask ? mask(value.subarray(4)) : value.subarray(4)
  const port = (((value[2] ?? 0) << 8) | (value[3] ?? 0)) ^ (mask ? stunCookie >>> 16 : 0)
  if (length === 16) return { ip: decodeIp(address), port }
  return { ip: address.join('.'), port }
}

/** Reads a success response; XOR-MAPPED-ADDRESS is preferred to the MAPPED-ADDRESS of servers older than RFC 5389. */
export function decodeBindingResponse(bytes: Uint8Array): Result<BindingResponse, BindingResponseError> {
  const message = decodeStun(bytes)
  if (!message.ok) return message
  const { type, transactionId, attributes } = message.value
  if (type !== stunType.bindingSuccess) return fail('not-a-response')
  const find = (wanted: number): Uint8Array | undefined => attributes.find((a) => a.type === wanted)?.value
  const xored = find(stunAttribute.xorMappedAddress)
  const plain = find(stunAttribute.mappedAddress)
  const address = xored ? readAddress(xored, (a) => xorWith(a, transactionId)) : plain && readAddress(plain, undefined)
  return address ? ok({ transactionId, address }) : fail('no-address')
}
