import { expect, test } from 'vitest'
import { concatBytes } from '../../lib/bytes.ts'
import { generator, mutations } from '../testing.ts'
import { nobleCrypto, type NoiseCrypto } from './crypto.ts'
import { createEarlyReader, encodeEarlyPayload } from './early.ts'
import { createFrameReader, encodeErrorFrame, encodeFrame } from './frame.ts'
import { initiate } from './initiator.ts'
import { createRecordReader, createRecordSealer } from './record.ts'
import { acceptInitiation } from './responder.ts'
import { bytesOf, handshake, key, serverKey } from './testing.ts'

/** The curve takes a millisecond and looks at no framing: in a million inputs it stands aside. */
const quick: NoiseCrypto = { ...nobleCrypto, sharedSecret: () => key(7), publicKey: (privateKey) => privateKey }

/** Counts outcomes; what throws fails the test with the input's number. */
function run(count: number, outcome: (index: number) => string): Record<string, number> {
  const outcomes: Record<string, number> = {}
  for (let i = 0; i < count; i++) {
    const name = outcome(i)
    outcomes[name] = (outcomes[name] ?? 0) + 1
  }
  return outcomes
}

/** Pushes an input in two pieces, so that states between frames are met too. */
function inTwo<T extends { readonly ok: boolean; readonly reason?: string }>(push: (bytes: Uint8Array) => T, input: Uint8Array, at: number): string {
  const first = push(input.subarray(0, at))
  const second = push(input.subarray(at))
  if (!first.ok && second.ok) throw new Error('a failed stream went on')
  return second.ok ? 'ok' : String(second.reason)
}

test('730,000 torn, changed and invented streams of frames and early payloads: each is read or refused for a reason', () => {
  const below = generator(1)
  const frames = mutations([encodeErrorFrame('no'), encodeFrame(2, key(1), new Uint8Array(16)), concatBytes(encodeFrame(4, key(3)), encodeFrame(4, key(4)))], below)
  const cut = run(430_000, () => {
    let bytes = 0
    const push = createFrameReader<'unwanted' | 'too-long'>({
      header: (type, length) => type > 4 ? 'unwanted' : length > 4093 ? 'too-long' : undefined,
      frame: (_, body) => { bytes += body.length; return undefined },
    })
    const input = frames()
    const wrong = push(input)
    if (bytes > input.length) throw new Error('more came out than went in')
    return wrong ?? 'ok'
  })
  expect(Object.keys(cut).toSorted()).toEqual(['ok', 'too-long', 'unwanted'])
  const payloads = mutations([encodeEarlyPayload(key(9)), concatBytes(encodeEarlyPayload(key(8)), key(1))], below)
  const early = run(300_000, () => inTwo(createEarlyReader(4096), payloads(), below(60)))
  expect(Object.keys(early).toSorted()).toEqual(['early-bad-json', 'early-too-long', 'ok'])
})

test('250,000 torn, changed and invented streams of records: none is taken for what was not sent', () => {
  const below = generator(2)
  const seal = createRecordSealer(key(5))
  const original = concatBytes(bytesOf(seal(key(1))), bytesOf(seal(key(2))))
  const inputs = mutations([original, original.slice(0, 51)], below)
  const outcomes = run(250_000, () => {
    const input = inputs()
    const read = createRecordReader(key(5))
    return inTwo((bytes) => {
      const result = read(bytes)
      for (const plain of result.ok ? result.value : []) {
        const isSent = plain.length === 32 && (plain.every((byte) => byte === 1) || plain.every((byte) => byte === 2))
        if (!isSent) throw new Error('something was opened that was never sealed')
      }
      return result
    }, input, below(70))
  })
  expect(Object.keys(outcomes).toSorted()).toEqual(['not-a-record', 'ok', 'record-forged', 'record-too-long', 'record-too-short'])
})

test('20,000 changed and invented handshakes, both ways', () => {
  const below = generator(3)
  const { initiation, accepted } = handshake(142)
  const initiations = mutations([initiation], below)
  const asked = run(12_000, () => {
    const result = acceptInitiation(initiations(), serverKey, key(4), quick)
    return result.ok ? 'ok' : result.reason
  })
  expect(Object.keys(asked).toSorted()).toEqual(['bad-length', 'bad-size', 'bad-type', 'forged'])
  const responses = mutations([accepted.response], below)
  const answered = run(8_000, () => {
    const initiated = initiate(142, { machine: key(2), server: serverKey.publicKey, ephemeral: key(3) }, quick)
    const result = initiated.ok ? initiated.value.finish(responses()) : initiated
    return result.ok ? 'ok' : result.reason
  })
  expect(Object.keys(answered).toSorted()).toEqual(['bad-length', 'bad-size', 'bad-type', 'forged'])
})
