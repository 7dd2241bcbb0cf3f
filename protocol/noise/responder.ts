import { fail, ok, type Result } from '../../lib/result.ts'
import { frameType, initiationBytes, keyBytes, tagBytes } from './constants.ts'
import { nobleCrypto, type NoiseCrypto } from './crypto.ts'
import { encodeErrorFrame, encodeFrame } from './frame.ts'
import type { Session } from './session.ts'
import { SymmetricState } from './symmetric.ts'

export type InitiationError =
  /** Not 101 bytes. */
  | 'bad-size'
  | 'bad-type'
  | 'bad-length'
  /** A key of low order. */
  | 'bad-key'
  /** Made for another server's key, or altered. */
  | 'forged'

export interface ServerKey {
  readonly privateKey: Uint8Array
  readonly publicKey: Uint8Array
}

export interface Accepted {
  /** The client's capability version. */
  readonly version: number
  /**
   * The client's machine key, 32 raw bytes. An initiation can be recorded and sent again: whose connection it is, is
   * proven by the first record that opens.
   */
  readonly machineKey: Uint8Array
  /** What the client is waiting for. */
  readonly response: Uint8Array
  readonly session: Session
}

const empty = new Uint8Array(0)

/** The server's half of the handshake. `ephemeral`: 32 random bytes, never used before. */
export function acceptInitiation(
  initiation: Uint8Array, server: ServerKey, ephemeral: Uint8Array, crypto: NoiseCrypto = nobleCrypto,
): Result<Accepted, InitiationError> {
  if (initiation.length !== initiationBytes) return fail('bad-size')
  const view = new DataView(initiation.buffer, initiation.byteOffset, initiation.length)
  if (view.getUint8(2) !== frameType.initiation) return fail('bad-type')
  if (view.getUint16(3) !== initiationBytes - 5) return fail('bad-length')
  const version = view.getUint16(0)
  const clientEphemeral = initiation.subarray(5, 5 + keyBytes)
  const sealedKey = initiation.subarray(5 + keyBytes, 5 + 2 * keyBytes + tagBytes)
  const state = new SymmetricState(crypto, version, server.publicKey)

  state.mixHash(clientEphemeral)
  const es = state.mixDh(server.privateKey, clientEphemeral)
  if (!es) return fail('bad-key')
  const machineKey = state.open(es, sealedKey)
  if (!machineKey) return fail('forged')
  const ss = state.mixDh(server.privateKey, machineKey)
  if (!ss) return fail('bad-key')
  if (!state.open(ss, initiation.subarray(5 + 2 * keyBytes + tagBytes))) return fail('forged')

  const publicEphemeral = crypto.publicKey(ephemeral)
  state.mixHash(publicEphemeral)
  const ee = state.mixDh(ephemeral, clientEphemeral)
  const se = ee && state.mixDh(ephemeral, machineKey)
  if (!se) return fail('bad-key')
  const response = encodeFrame(frameType.response, publicEphemeral, state.seal(se, empty))
  const [receiveKey, sendKey] = state.split()
  return ok({ version, machineKey, response, session: { sendKey, receiveKey, handshakeHash: state.hash } })
}

const texts: Readonly<Partial<Record<InitiationError, string>>> = {
  'bad-size': 'wrong handshake initiation size',
  'bad-type': 'unexpected handshake message type',
  'bad-length': 'wrong handshake initiation length',
}

/** The frame that tells the client why; undefined: it is told nothing, as it proved nothing. */
export function initiationErrorFrame(reason: InitiationError): Uint8Array | undefined {
  const text = texts[reason]
  return text === undefined ? undefined : encodeErrorFrame(text)
}
