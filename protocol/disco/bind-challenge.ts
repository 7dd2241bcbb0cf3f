import { ok } from '../../lib/result.ts'
import { decodeBindFields, encodeBindFields, type BindFields } from './bind-layout.ts'
import type { DiscoResult } from './wire.ts'

/** 0x05: BindUDPRelayEndpointChallenge, relay to client (spec section 4). */
export interface BindChallenge extends BindFields {
  readonly type: 'bind-challenge'
}

export const bindChallengeType = 0x05

export function decodeBindChallenge(payload: Uint8Array): DiscoResult<BindChallenge> {
  const fields = decodeBindFields(payload)
  return fields.ok ? ok({ type: 'bind-challenge', ...fields.value }) : fields
}

export function encodeBindChallenge(message: BindChallenge): Uint8Array {
  return encodeBindFields(bindChallengeType, message)
}
