import { ok } from '../../lib/result.ts'
import { decodeBindFields, encodeBindFields, type BindFields } from './bind-layout.ts'
import type { DiscoResult } from './wire.ts'

/** 0x04: BindUDPRelayEndpoint, client to relay; its challenge is ignored (spec section 4). */
export interface Bind extends BindFields {
  readonly type: 'bind'
}

export const bindType = 0x04

export function decodeBind(payload: Uint8Array): DiscoResult<Bind> {
  const fields = decodeBindFields(payload)
  return fields.ok ? ok({ type: 'bind', ...fields.value }) : fields
}

export function encodeBind(message: Bind): Uint8Array {
  return encodeBindFields(bindType, message)
}
