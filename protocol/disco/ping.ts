import { fail, ok } from '../../lib/result.ts'
import { inner, type DiscoResult } from './wire.ts'

/** 0x01: `txId(12) nodeKey(32, may be absent) zero padding` (the padding probes the path's MTU). */
export interface Ping {
  readonly type: 'ping'
  readonly txId: Uint8Array
  /** The sender's node key, raw; without one, 32 or more bytes of padding read as the zero key. */
  readonly nodeKey?: Uint8Array
  /** Bytes after the last field; their content is ignored. */
  readonly padding: number
}

export const pingType = 0x01

export function decodePing(payload: Uint8Array): DiscoResult<Ping> {
  if (payload.length < 12) return fail('short')
  const txId = payload.slice(0, 12)
  if (payload.length < 44) return ok({ type: 'ping', txId, padding: payload.length - 12 })
  return ok({ type: 'ping', txId, nodeKey: payload.slice(12, 44), padding: payload.length - 44 })
}

export function encodePing(message: Ping): Uint8Array {
  const bytes = inner(pingType, 12 + (message.nodeKey ? 32 : 0) + message.padding)
  bytes.set(message.txId, 2)
  if (message.nodeKey) bytes.set(message.nodeKey, 14)
  return bytes
}
