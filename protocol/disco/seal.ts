import { concatBytes } from '../../lib/bytes.ts'
import { fail, ok, type Result } from '../../lib/result.ts'
import { openBox, sealBox } from '../nacl-box.ts'

/** "TS" and U+1F4AC in UTF-8 (spec section 2). */
export const discoMagic = Uint8Array.of(0x54, 0x53, 0xf0, 0x9f, 0x92, 0xac)

/** `magic(6) senderDiscoPublic(32) nonce(24)`; the box follows. */
export const discoOuterBytes = 62

export function looksLikeDisco(packet: Uint8Array): boolean {
  if (packet.length < discoOuterBytes) return false
  for (let i = 0; i < discoMagic.length; i++) if (packet[i] !== discoMagic[i]) return false
  return true
}

/** The sender's raw disco key, a view into a packet that looks like disco. */
export function discoSender(packet: Uint8Array): Uint8Array {
  return packet.subarray(6, 38)
}

export function sealDisco(senderPublic: Uint8Array, shared: Uint8Array, nonce: Uint8Array, inner: Uint8Array): Uint8Array {
  return concatBytes(discoMagic, senderPublic, nonce, sealBox(shared, nonce, inner))
}

export type OpenError = 'not-disco' | 'not-opened'

/** The inner form; `shared` is the key shared with `discoSender(packet)`. */
export function openDisco(shared: Uint8Array, packet: Uint8Array): Result<Uint8Array, OpenError> {
  if (!looksLikeDisco(packet)) return fail('not-disco')
  const inner = openBox(shared, packet.subarray(38, discoOuterBytes), packet.subarray(discoOuterBytes))
  return inner.ok ? ok(inner.value) : fail('not-opened')
}
