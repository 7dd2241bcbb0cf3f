import { addrPortBytes, decodeAddrPort, encodeAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import { ok } from '../../lib/result.ts'
import { inner, type DiscoResult } from './wire.ts'

/** 0x03: `n × addr(16 + 2)`; only over DERP. */
export interface CallMeMaybe {
  readonly type: 'call-me-maybe'
  readonly addrPorts: readonly AddrPort[]
}

export const callMeMaybeType = 0x03

/** A wrong length or another version reads as no address, as stock clients read it. */
export function decodeCallMeMaybe(payload: Uint8Array, version: number): DiscoResult<CallMeMaybe> {
  const addrPorts: AddrPort[] = []
  if (version === 0 && payload.length % addrPortBytes === 0) {
    for (let at = 0; at < payload.length; at += addrPortBytes) addrPorts.push(decodeAddrPort(payload, at))
  }
  return ok({ type: 'call-me-maybe', addrPorts })
}

export function encodeCallMeMaybe(message: CallMeMaybe): Uint8Array {
  const bytes = inner(callMeMaybeType, message.addrPorts.length * addrPortBytes)
  for (const [i, a] of message.addrPorts.entries()) bytes.set(encodeAddrPort(a), 2 + i * addrPortBytes)
  return bytes
}
