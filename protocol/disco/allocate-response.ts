import { fail, ok } from '../../lib/result.ts'
import { decodeRelayEndpoint, putRelayEndpoint, relayEndpointBytes, zeroRelayEndpoint, type RelayEndpoint } from './relay-endpoint.ts'
import { inner, putU32, u32, type DiscoResult } from './wire.ts'

/** 0x09 AllocateUDPRelayEndpointResponse: `generation(4)` echoed, then the endpoint; only over DERP. */
export interface AllocateResponse {
  readonly type: 'allocate-response'
  readonly generation: number
  readonly endpoint: RelayEndpoint
}

export const allocateResponseType = 0x09

export function decodeAllocateResponse(payload: Uint8Array, version: number): DiscoResult<AllocateResponse> {
  if (version !== 0) return ok({ type: 'allocate-response', generation: 0, endpoint: zeroRelayEndpoint() })
  if (payload.length < 4) return fail('short')
  const endpoint = decodeRelayEndpoint(payload.subarray(4))
  return endpoint.ok ? ok({ type: 'allocate-response', generation: u32(payload, 0), endpoint: endpoint.value }) : endpoint
}

export function encodeAllocateResponse(message: AllocateResponse): Uint8Array {
  const bytes = inner(allocateResponseType, 4 + relayEndpointBytes(message.endpoint))
  putU32(bytes, 2, message.generation)
  putRelayEndpoint(bytes, 6, message.endpoint)
  return bytes
}
