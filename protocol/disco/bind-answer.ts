import { ok } from '../../lib/result.ts'
import { decodeBindFields, encodeBindFields, type BindFields } from './bind-layout.ts'
import type { DiscoResult } from './wire.ts'

/** 0x06: BindUDPRelayEndpointAnswer, client to relay, the challenge echoed (spec section 4). */
export interface BindAnswer extends BindFields {
  readonly type: 'bind-answer'
}

export const bindAnswerType = 0x06

export function decodeBindAnswer(payload: Uint8Array): DiscoResult<BindAnswer> {
  const fields = decodeBindFields(payload)
  return fields.ok ? ok({ type: 'bind-answer', ...fields.value }) : fields
}

export function encodeBindAnswer(message: BindAnswer): Uint8Array {
  return encodeBindFields(bindAnswerType, message)
}
