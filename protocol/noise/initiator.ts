import { concatBytes } from '../../lib/bytes.ts'
import { fail, ok, type Result } from '../../lib/result.ts'
import { frameType, initiationBytes, keyBytes, responseBytes } from './constants.ts'
import { nobleCrypto, type NoiseCrypto } from './crypto.ts'
import type { Session } from './session.ts'
import { SymmetricState } from './symmetric.ts'

export interface InitiatorKeys {
  /** The machine's private key. */
  readonly machine: Uint8Array
  /** The server's public key, as it is known. */
  readonly server: Uint8Array
  /** 32 random bytes, never used before. */
  readonly ephemeral: Uint8Array
}

export type ResponseError = 'bad-size' | 'bad-type' | 'bad-length' | 'bad-key' | 'forged'

export interface Initiated {
  readonly initiation: Uint8Array
  /** Reads the server's response, 51 bytes; to be called once. */
  readonly finish: (response: Uint8Array) => Result<Session, ResponseError>
}

const empty = new Uint8Array(0)

/** The client's half of the handshake. `version`: its capability version, 0 to 65535. Fails where the server's key has low order. */
export function initiate(version: number, keys: InitiatorKeys, crypto: NoiseCrypto = nobleCrypto): Result<Initiated, 'bad-key'> {
  const state = new SymmetricState(crypto, version, keys.server)
  const publicEphemeral = crypto.publicKey(keys.ephemeral)
  state.mixHash(publicEphemeral)
  const es = state.mixDh(keys.ephemeral, keys.server)
  if (!es) return fail('bad-key')
  const sealedKey = state.seal(es, crypto.publicKey(keys.machine))
  const ss = state.mixDh(keys.machine, keys.server)
  if (!ss) return fail('bad-key')
  const head = Uint8Array.of(version >> 8, version & 0xff, frameType.initiation, 0, initiationBytes - 5)
  const initiation = concatBytes(head, publicEphemeral, sealedKey, state.seal(ss, empty))

  return ok({
    initiation,
    finish(response) {
      if (response.length !== responseBytes) return fail('bad-size')
      const view = new DataView(response.buffer, response.byteOffset, response.length)
      if (view.getUint8(0) !== frameType.response) return fail('bad-type')
      if (view.getUint16(1) !== responseBytes - 3) return fail('bad-length')
      const serverEphemeral = response.subarray(3, 3 + keyBytes)
      state.mixHash(serverEphemeral)
      const ee = state.mixDh(keys.ephemeral, serverEphemeral)
      const se = ee && state.mixDh(keys.machine, serverEphemeral)
      if (!se) return fail('bad-key')
      if (!state.open(se, response.subarray(3 + keyBytes))) return fail('forged')
      const [sendKey, receiveKey] = state.split()
      return ok({ sendKey, receiveKey, handshakeHash: state.hash })
    },
  })
}
