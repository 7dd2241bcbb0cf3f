import { fail, ok } from '../../lib/result.ts'
import { inner, putU32, u32, type DiscoResult } from './wire.ts'

/** `vni(4) generation(4) remoteDisco(32) challenge(32)`: one size for all three, so the handshake cannot amplify. */
export interface BindFields {
  readonly vni: number
  /** 32 bits; a client never uses 0. */
  readonly generation: number
  /** The other client's disco key, raw. */
  readonly remoteDisco: Uint8Array
  readonly challenge: Uint8Array
}

const payloadBytes = 72

export function decodeBindFields(payload: Uint8Array): DiscoResult<BindFields> {
  if (payload.length < payloadBytes) return fail('short')
  return ok({
    vni: u32(payload, 0),
    generation: u32(payload, 4),
    remoteDisco: payload.slice(8, 40),
    challenge: payload.slice(40, 72),
  })
}

export function encodeBindFields(type: number, fields: BindFields): Uint8Array {
  const bytes = inner(type, payloadBytes)
  putU32(bytes, 2, fields.vni)
  putU32(bytes, 6, fields.generation)
  bytes.set(fields.remoteDisco, 10)
  bytes.set(fields.challenge, 42)
  return bytes
}
