import type { Result } from '../../lib/result.ts'
import { nobleCrypto } from './crypto.ts'
import { initiate } from './initiator.ts'
import { acceptInitiation, type Accepted, type ServerKey } from './responder.ts'
import type { Session } from './session.ts'

/** 32 bytes that stand for a key. */
export const key = (fill: number): Uint8Array => new Uint8Array(32).fill(fill)

export const serverKey: ServerKey = { privateKey: key(1), publicKey: nobleCrypto.publicKey(key(1)) }

/** What must be there in a test. */
export function bytesOf<T>(result: Result<T>): T {
  if (!result.ok) throw new Error(result.reason)
  return result.value
}

/** A handshake between both halves. */
export function handshake(version: number, clientEphemeral = key(3), serverEphemeral = key(4), machine = key(2)): {
  readonly initiation: Uint8Array
  readonly accepted: Accepted
  readonly session: Session
} {
  const { initiation, finish } = bytesOf(initiate(version, { machine, server: serverKey.publicKey, ephemeral: clientEphemeral }))
  const accepted = bytesOf(acceptInitiation(initiation, serverKey, serverEphemeral))
  return { initiation, accepted, session: bytesOf(finish(accepted.response)) }
}
