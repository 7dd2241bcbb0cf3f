import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes, toHex } from '../../lib/bytes.ts'
import { maxFrameBytes, maxRecordPlainBytes } from './constants.ts'
import { nobleCrypto } from './crypto.ts'
import { encodeFrame } from './frame.ts'
import { NonceCounter } from './nonce.ts'
import { createRecordReader, createRecordSealer, type RecordReader } from './record.ts'
import { bytesOf, key } from './testing.ts'

const plainOf = (length: number, fill = 7): Uint8Array => new Uint8Array(length).fill(fill)

/** Records of these plaintexts, each by itself. */
function sealed(...plains: readonly Uint8Array[]): Uint8Array[] {
  const seal = createRecordSealer(key(5))
  return plains.map((plain) => bytesOf(seal(plain)))
}

/** Everything of a stream in pieces of these sizes, until it fails. */
function readAll(read: RecordReader, stream: Uint8Array, sizes: readonly number[]): Uint8Array {
  const parts: Uint8Array[] = []
  for (let at = 0, i = 0; at < stream.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1)
    parts.push(...bytesOf(read(stream.subarray(at, end))))
    at = end
  }
  return concatBytes(...parts)
}

test.each([
  [0, [19]], [1, [20]], [maxRecordPlainBytes, [maxFrameBytes]], [maxRecordPlainBytes + 1, [maxFrameBytes, 20]], [10_000, [maxFrameBytes, maxFrameBytes, 1865]],
])('%i bytes are records of %j', (length, sizes) => {
  const wire = bytesOf(createRecordSealer(key(5))(plainOf(length)))
  const lengths: number[] = []
  for (let at = 0; at < wire.length; at += lengths.at(-1) ?? wire.length) lengths.push(3 + new DataView(wire.buffer).getUint16(at + 1))
  expect(lengths).toEqual(sizes)
  expect(toHex(readAll(createRecordReader(key(5)), wire, [wire.length]))).toBe(toHex(plainOf(length)))
})

test('however the stream is cut, what it carries is the same', () => {
  const plains = fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 8 })
  fc.assert(fc.property(plains, fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }), (texts, sizes) => {
    expect(toHex(readAll(createRecordReader(key(5)), concatBytes(...sealed(...texts)), sizes))).toBe(toHex(concatBytes(...texts)))
  }))
})

test('a stream that is cut short gives what is whole, and no fault', () => {
  fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 50 }), fc.nat(200), (plain, cut) => {
    const [first = plain, second = plain] = sealed(plain, plain)
    const stream = concatBytes(first, second).subarray(0, Math.min(cut, first.length + second.length - 1))
    expect(createRecordReader(key(5))(stream)).toEqual({ ok: true, value: stream.length >= first.length ? [plain] : [] })
  }))
})

test('whatever byte of a record is changed, it is the end of the stream', () => {
  const [first = plainOf(0), second = plainOf(0)] = sealed(plainOf(30), plainOf(3))
  for (let at = 0; at < first.length; at++) {
    const read = createRecordReader(key(5))
    const changed = first.slice()
    changed[at] = (changed[at] ?? 0) ^ 0x10
    // A longer length waits for bytes that the next record has.
    const result = read(concatBytes(changed, second, new Uint8Array(4096)))
    expect(result.ok, `byte ${at}`).toBe(false)
    expect(read(first)).toEqual(result)
  }
})

test.each([
  ['replayed', [0, 0]], ['out of order', [1, 0]], ['left out', [0, 2]], ['another connection’s', [3]],
])('%s: forged, for ever', (_, order) => {
  const records = [...sealed(plainOf(5, 1), plainOf(5, 2), plainOf(5, 3)), bytesOf(createRecordSealer(key(6))(plainOf(5)))]
  const read = createRecordReader(key(5))
  let last: ReturnType<RecordReader> | undefined
  for (const index of order) last = read(records[index] ?? plainOf(0))
  expect(last).toEqual({ ok: false, reason: 'record-forged' })
  expect(read(records[0] ?? plainOf(0))).toEqual({ ok: false, reason: 'record-forged' })
})

test('headers are refused before their bodies are there', () => {
  const refusal = (...header: number[]) => createRecordReader(key(5))(Uint8Array.from(header))
  expect(refusal(4, 0x0f, 0xfd)).toEqual({ ok: true, value: [] })
  expect(refusal(4, 0x0f, 0xfe)).toEqual({ ok: false, reason: 'record-too-long' })
  expect(refusal(4, 0xff, 0xff)).toEqual({ ok: false, reason: 'record-too-long' })
  expect(refusal(4, 0, 16)).toEqual({ ok: true, value: [] })
  expect(refusal(4, 0, 15)).toEqual({ ok: false, reason: 'record-too-short' })
  expect([0, 1, 2, 3, 5, 255].map((type) => refusal(type, 0, 20))).toEqual(Array.from({ length: 6 }, () => ({ ok: false, reason: 'not-a-record' })))
})

test('a nonce counts big-endian, and none comes twice', () => {
  const seen: string[] = []
  const nonces = new NonceCounter(0xfffen)
  for (let n = 0; n < 3; n++) nonces.next((nonce) => seen.push(toHex(nonce)))
  expect(seen).toEqual(['00000000000000000000fffe', '00000000000000000000ffff', '000000000000000000010000'])
  const last = 2n ** 64n - 1n
  const seal = createRecordSealer(key(5), nobleCrypto, new NonceCounter(last))
  const read = createRecordReader(key(5), nobleCrypto, new NonceCounter(last))
  const wire = bytesOf(seal(plainOf(2)))
  expect(seal(plainOf(2))).toEqual({ ok: false, reason: 'nonces-exhausted' })
  expect(read(wire)).toEqual({ ok: true, value: [plainOf(2)] })
  expect(read(encodeFrame(4, plainOf(20)))).toEqual({ ok: false, reason: 'nonces-exhausted' })
})
