import { fail, ok, type Result } from '../../lib/result.ts'
import { frameHeaderBytes, frameType, maxFrameBytes, maxRecordPlainBytes, tagBytes } from './constants.ts'
import { nobleCrypto, type NoiseCrypto } from './crypto.ts'
import { createFrameReader } from './frame.ts'
import { NonceCounter } from './nonce.ts'

export type RecordError =
  | 'not-a-record'
  | 'record-too-long'
  /** Shorter than its tag. */
  | 'record-too-short'
  /** Not from the other side, or not the one that is due: altered, replayed, left out. */
  | 'record-forged'
  /** 2^64 records: no connection lives to see it. */
  | 'nonces-exhausted'

/** What is wrong with a record's header; undefined: nothing. `length` is the body's. */
export function recordHeaderFault(type: number, length: number): RecordError | undefined {
  if (type !== frameType.record) return 'not-a-record'
  if (length > maxFrameBytes - frameHeaderBytes) return 'record-too-long'
  return length < tagBytes ? 'record-too-short' : undefined
}

/** Opens one record's body, in their order. */
export type OpenRecord = (body: Uint8Array) => Result<Uint8Array, RecordError>

export function createRecordOpener(key: Uint8Array, crypto: NoiseCrypto = nobleCrypto, nonces = new NonceCounter()): OpenRecord {
  return (body) => {
    const opened = nonces.next((nonce) => ({ plain: crypto.open(key, nonce, body) }))
    if (!opened) return fail('nonces-exhausted')
    return opened.plain ? ok(opened.plain) : fail('record-forged')
  }
}

/** Takes the next bytes of the stream: the plaintexts of the records that are whole now, empty ones left out. After a failure it fails for ever. */
export type RecordReader = (bytes: Uint8Array) => Result<Uint8Array[], RecordError>

export function createRecordReader(key: Uint8Array, crypto: NoiseCrypto = nobleCrypto, nonces?: NonceCounter): RecordReader {
  const open = createRecordOpener(key, crypto, nonces)
  let plains: Uint8Array[] = []
  const push = createFrameReader<RecordError>({
    header: recordHeaderFault,
    frame(_, body) {
      const opened = open(body)
      if (!opened.ok) return opened.reason
      if (opened.value.length > 0) plains.push(opened.value)
      return undefined
    },
  })
  return (bytes) => {
    const wrong = push(bytes)
    const taken = plains
    plains = []
    return wrong === undefined ? ok(taken) : fail(wrong)
  }
}

/** The records that carry these bytes, one after the other; one empty record for none. */
export type RecordSealer = (plain: Uint8Array) => Result<Uint8Array, 'nonces-exhausted'>

export function createRecordSealer(key: Uint8Array, crypto: NoiseCrypto = nobleCrypto, nonces = new NonceCounter()): RecordSealer {
  return (plain) => {
    const count = Math.max(1, Math.ceil(plain.length / maxRecordPlainBytes))
    const wire = new Uint8Array(plain.length + count * (frameHeaderBytes + tagBytes))
    const view = new DataView(wire.buffer)
    let at = 0
    for (let i = 0; i < count; i++) {
      const part = plain.subarray(i * maxRecordPlainBytes, (i + 1) * maxRecordPlainBytes)
      const sealed = nonces.next((nonce) => crypto.seal(key, nonce, part))
      if (!sealed) return fail('nonces-exhausted')
      view.setUint8(at, frameType.record)
      view.setUint16(at + 1, sealed.length)
      wire.set(sealed, at + frameHeaderBytes)
      at += frameHeaderBytes + sealed.length
    }
    return ok(wire)
  }
}
