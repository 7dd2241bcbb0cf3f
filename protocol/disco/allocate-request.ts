import { fail, ok } from '../../lib/result.ts'
import { inner, putU32, u32, type DiscoResult } from './wire.ts'

/** 0x08 AllocateUDPRelayEndpointRequest: `clientDisco(32)×2 generation(4)`; only over DERP. */
export interface AllocateRequest {
  readonly type: 'allocate-request'
  readonly clientDisco: readonly [Uint8Array, Uint8Array]
  readonly generation: number
}

export const allocateRequestType = 0x08

/** Another version reads as all zeros, as stock clients read it. */
export function decodeAllocateRequest(payload: Uint8Array, version: number): DiscoResult<AllocateRequest> {
  if (version !== 0) return ok({ type: 'allocate-request', clientDisco: [new Uint8Array(32), new Uint8Array(32)], generation: 0 })
  if (payload.length < 68) return fail('short')
  return ok({ type: 'allocate-request', clientDisco: [payload.slice(0, 32), payload.slice(32, 64)], generation: u32(payload, 64) })
}

export function encodeAllocateRequest(message: AllocateRequest): Uint8Array {
  const bytes = inner(allocateRequestType, 68)
  bytes.set(message.clientDisco[0], 2)
  bytes.set(message.clientDisco[1], 34)
  putU32(bytes, 66, message.generation)
  return bytes
}
