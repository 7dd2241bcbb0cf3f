import { ok } from '../../lib/result.ts'
import { decodeRelayEndpoint, putRelayEndpoint, relayEndpointBytes, zeroRelayEndpoint, type RelayEndpoint } from './relay-endpoint.ts'
import { inner, type DiscoResult } from './wire.ts'

/** 0x07: the endpoint that one client allocated, sent to the other; only over DERP. */
export interface CallMeMaybeVia {
  readonly type: 'call-me-maybe-via'
  readonly endpoint: RelayEndpoint
}

export const callMeMaybeViaType = 0x07

export function decodeCallMeMaybeVia(payload: Uint8Array, version: number): DiscoResult<CallMeMaybeVia> {
  if (version !== 0) return ok({ type: 'call-me-maybe-via', endpoint: zeroRelayEndpoint() })
  const endpoint = decodeRelayEndpoint(payload)
  return endpoint.ok ? ok({ type: 'call-me-maybe-via', endpoint: endpoint.value }) : endpoint
}

export function encodeCallMeMaybeVia(message: CallMeMaybeVia): Uint8Array {
  const bytes = inner(callMeMaybeViaType, relayEndpointBytes(message.endpoint))
  putRelayEndpoint(bytes, 2, message.endpoint)
  return bytes
}
