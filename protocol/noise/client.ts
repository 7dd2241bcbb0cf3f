import { fail, ok, type Result } from '../../lib/result.ts'
import { frameHeaderBytes, frameType, maxFrameBytes, responseBytes } from './constants.ts'
import { nobleCrypto, type NoiseCrypto } from './crypto.ts'
import { createEarlyReader, type EarlyError } from './early.ts'
import { createFrameReader, encodeFrame } from './frame.ts'
import { initiate, type InitiatorKeys, type ResponseError } from './initiator.ts'
import { createRecordOpener, createRecordSealer, recordHeaderFault, type OpenRecord, type RecordError, type RecordSealer } from './record.ts'

export type ClientError =
  | RecordError | ResponseError | EarlyError
  /** The server said why it has no session for us: `refusal`. */
  | 'refused'
  | 'not-a-response'
  /** Nothing can be sealed before the server's response. */
  | 'no-session'

export interface NoiseClient {
  /** To be sent first, as the upgrade's header. */
  readonly initiation: Uint8Array
  /** Whether the server's response was read and is good. */
  readonly isEstablished: boolean
  /** The server's early payload (any JSON), once it is there. */
  readonly early: unknown
  /** The server's own words with `refused`. */
  readonly refusal: string | undefined
  readonly handshakeHash: Uint8Array | undefined
  /** Takes the next bytes after the upgrade: what is HTTP/2's in them. After a failure it fails for ever. */
  readonly push: (bytes: Uint8Array) => Result<Uint8Array[], ClientError>
  readonly seal: (plain: Uint8Array) => Result<Uint8Array, 'no-session' | 'nonces-exhausted'>
}

/** A client's whole side of a connection: response, early payload, records. `version` is its capability version. */
export function createNoiseClient(version: number, keys: InitiatorKeys, crypto: NoiseCrypto = nobleCrypto): Result<NoiseClient, 'bad-key'> {
  const initiated = initiate(version, keys, crypto)
  if (!initiated.ok) return initiated
  const { initiation, finish } = initiated.value
  let session: { readonly open: OpenRecord; readonly seal: RecordSealer; readonly handshakeHash: Uint8Array } | undefined
  let early: unknown
  let refusal: string | undefined
  let plains: Uint8Array[] = []
  const readEarly = createEarlyReader()

  function established(body: Uint8Array): ClientError | undefined {
    const finished = finish(encodeFrame(frameType.response, body))
    if (!finished.ok) return finished.reason
    const { sendKey, receiveKey, handshakeHash } = finished.value
    session = { open: createRecordOpener(receiveKey, crypto), seal: createRecordSealer(sendKey, crypto), handshakeHash }
    return undefined
  }

  const push = createFrameReader<ClientError>({
    header(type, length) {
      if (session) return recordHeaderFault(type, length)
      if (type === frameType.response) return length === responseBytes - frameHeaderBytes ? undefined : 'bad-length'
      if (type !== frameType.error) return 'not-a-response'
      return length <= maxFrameBytes - frameHeaderBytes ? undefined : 'bad-length'
    },
    frame(type, body) {
      if (!session) {
        if (type === frameType.response) return established(body)
        refusal = new TextDecoder().decode(body)
        return 'refused'
      }
      const opened = session.open(body)
      if (!opened.ok) return opened.reason
      const read = readEarly(opened.value)
      if (!read.ok) return read.reason
      if (read.value.payload !== undefined) early = read.value.payload
      if (read.value.rest.length > 0) plains.push(read.value.rest)
      return undefined
    },
  })

  return ok({
    initiation,
    get isEstablished() { return session !== undefined },
    get early() { return early },
    get refusal() { return refusal },
    get handshakeHash() { return session?.handshakeHash },
    push(bytes) {
      const wrong = push(bytes)
      const taken = plains
      plains = []
      return wrong === undefined ? ok(taken) : fail(wrong)
    },
    seal: (plain) => session ? session.seal(plain) : fail('no-session'),
  })
}
