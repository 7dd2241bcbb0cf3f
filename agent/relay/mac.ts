import { blake2s } from '@noble/hashes/blake2.js'
import { encodeIp, type AddrPort } from '../../lib/addr-port.ts'
import { equalBytes } from '../../lib/bytes.ts'
import type { Millis, RandomBytes } from '../../lib/clock.ts'
import type { BindFields } from '../../protocol/disco/index.ts'
import { macRotation } from './constants.ts'

/** The challenge's two keys: what the current made is still accepted for one rotation more. */
export interface MacSecrets {
  current: Uint8Array
  previous: Uint8Array | undefined
  rotatedAt: Millis
}

export function createSecrets(random: RandomBytes, now: Millis): MacSecrets {
  return { current: random(32), previous: undefined, rotatedAt: now }
}

/** True when secrets changed. After a long sleep both are new: neither is older than two rotations. */
export function rotateSecrets(secrets: MacSecrets, random: RandomBytes, now: Millis): boolean {
  const age = now - secrets.rotatedAt
  if (age < macRotation) return false
  secrets.previous = age < 2 * macRotation ? secrets.current : undefined
  secrets.current = random(32)
  secrets.rotatedAt = now
  return true
}

/** BLAKE2s-256 over `vni(4) generation(4) remoteDisco(32) srcAddr(4 or 16) srcPort(2, little-endian)` (spec section 4). */
export function challengeMac(secret: Uint8Array, fields: BindFields, from: AddrPort): Uint8Array {
  const mapped = encodeIp(from.ip) ?? new Uint8Array(16)
  const ip = from.ip.includes(':') ? mapped : mapped.subarray(12)
  const input = new Uint8Array(40 + ip.length + 2)
  const view = new DataView(input.buffer)
  view.setUint32(0, fields.vni)
  view.setUint32(4, fields.generation)
  input.set(fields.remoteDisco, 8)
  input.set(ip, 40)
  view.setUint16(40 + ip.length, from.port, true)
  return blake2s(input, { key: secret })
}

export function macHolds(secrets: MacSecrets, fields: BindFields, from: AddrPort): boolean {
  if (equalBytes(challengeMac(secrets.current, fields, from), fields.challenge)) return true
  return secrets.previous !== undefined && equalBytes(challengeMac(secrets.previous, fields, from), fields.challenge)
}
