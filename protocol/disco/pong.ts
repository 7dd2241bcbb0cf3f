import { addrPortBytes, decodeAddrPort, encodeAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import { fail, ok } from '../../lib/result.ts'
import { inner, type DiscoResult } from './wire.ts'

/** 0x02: `txId(12) src(16 + 2)`, the source address of the Ping as it was seen. */
export interface Pong {
  readonly type: 'pong'
  readonly txId: Uint8Array
  readonly src: AddrPort
}

export const pongType = 0x02

export function decodePong(payload: Uint8Array): DiscoResult<Pong> {
  if (payload.length < 12 + addrPortBytes) return fail('short')
  return ok({ type: 'pong', txId: payload.slice(0, 12), src: decodeAddrPort(payload, 12) })
}

export function encodePong(message: Pong): Uint8Array {
  const bytes = inner(pongType, 12 + addrPortBytes)
  bytes.set(message.txId, 2)
  bytes.set(encodeAddrPort(message.src), 14)
  return bytes
}
