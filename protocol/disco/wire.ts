import type { Result } from '../../lib/result.ts'

/** Why an inner message is not read (spec section 2). */
export type DiscoError = 'short' | 'unknown-type'

export type DiscoResult<T> = Result<T, DiscoError>

/** Inner form: `type(1) version(1) payload`. */
export const innerHeaderBytes = 2

export function u32(bytes: Uint8Array, at: number): number {
  return (((bytes[at] ?? 0) << 24) | ((bytes[at + 1] ?? 0) << 16) | ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0)) >>> 0
}

export function u64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(u32(bytes, at)) << 32n) | BigInt(u32(bytes, at + 4))
}

export function putU32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

export function putU64(bytes: Uint8Array, at: number, value: bigint): void {
  putU32(bytes, at, Number((value >> 32n) & 0xffff_ffffn))
  putU32(bytes, at + 4, Number(value & 0xffff_ffffn))
}

/** A fresh inner message with its type and version 0; the caller fills the payload from byte 2. */
export function inner(type: number, payloadBytes: number): Uint8Array {
  const bytes = new Uint8Array(innerHeaderBytes + payloadBytes)
  bytes[0] = type
  return bytes
}
