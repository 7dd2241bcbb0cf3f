import fc from 'fast-check'
import { expect, test } from 'vitest'
import { concatBytes, fromHex, toHex } from '../../lib/bytes.ts'
import { createNoiseClient, type NoiseClient } from './client.ts'
import { createEarlyReader, encodeEarlyPayload } from './early.ts'
import { encodeErrorFrame, encodeFrame } from './frame.ts'
import { createRecordReader, createRecordSealer } from './record.ts'
import { acceptInitiation } from './responder.ts'
import { bytesOf, key, serverKey } from './testing.ts'

const settings = fromHex('000000040000000000') ?? new Uint8Array()
const early = encodeEarlyPayload(key(0xab))
const earlyJson = { nodeKeyChallenge: `chalpub:${'ab'.repeat(32)}` }

function newClient(): NoiseClient {
  return bytesOf(createNoiseClient(142, { machine: key(2), server: serverKey.publicKey, ephemeral: key(3) }))
}

test('response, early payload and HTTP/2 are told apart however they come', () => {
  const client = newClient()
  const accepted = bytesOf(acceptInitiation(client.initiation, serverKey, key(4)))
  const seal = createRecordSealer(accepted.session.sendKey)
  const withEarly = concatBytes(accepted.response, bytesOf(seal(early)), bytesOf(seal(settings)))
  const sealAgain = createRecordSealer(accepted.session.sendKey)
  const without = concatBytes(accepted.response, bytesOf(sealAgain(settings)), bytesOf(sealAgain(settings)))
  fc.assert(fc.property(fc.boolean(), fc.array(fc.integer({ min: 1, max: 80 }), { minLength: 1 }), (hasEarly, sizes) => {
    const one = newClient()
    const stream = hasEarly ? withEarly : without
    const got: Uint8Array[] = []
    for (let at = 0, i = 0; at < stream.length; i++) {
      const end = at + (sizes[i % sizes.length] ?? 1)
      got.push(...bytesOf(one.push(stream.subarray(at, end))))
      at = end
    }
    expect(one.isEstablished).toBe(true)
    expect(one.early).toEqual(hasEarly ? earlyJson : undefined)
    expect(toHex(concatBytes(...got))).toBe(hasEarly ? toHex(settings) : toHex(settings).repeat(2))
  }), { numRuns: 30 })
})

test('what the client seals, the server opens; before the response it seals nothing', () => {
  const client = newClient()
  expect(client.seal(settings)).toEqual({ ok: false, reason: 'no-session' })
  const accepted = bytesOf(acceptInitiation(client.initiation, serverKey, key(4)))
  bytesOf(client.push(accepted.response))
  expect(createRecordReader(accepted.session.receiveKey)(bytesOf(client.seal(settings)))).toEqual({ ok: true, value: [settings] })
  expect(toHex(client.handshakeHash ?? new Uint8Array())).toBe(toHex(accepted.session.handshakeHash))
})

test('a refusal is the server’s words; anything else before the response is none', () => {
  const refused = newClient()
  expect(refused.push(encodeErrorFrame('no “room”'))).toEqual({ ok: false, reason: 'refused' })
  expect([refused.refusal, refused.isEstablished]).toEqual(['no “room”', false])
  expect(newClient().push(encodeFrame(4, new Uint8Array(20)))).toEqual({ ok: false, reason: 'not-a-response' })
  expect(newClient().push(encodeFrame(2, new Uint8Array(47)))).toEqual({ ok: false, reason: 'bad-length' })
  expect(newClient().push(encodeFrame(3, new Uint8Array(5000)))).toEqual({ ok: false, reason: 'bad-length' })
  const forged = newClient()
  expect(forged.push(encodeFrame(2, new Uint8Array(48).fill(9)))).toEqual({ ok: false, reason: 'forged' })
  expect(forged.push(new Uint8Array(0))).toEqual({ ok: false, reason: 'forged' })
})

test('an error’s text never makes a frame that is too long', () => {
  expect(encodeErrorFrame('x'.repeat(70_000)).length).toBe(4096)
})

test.each([
  ['longer than we keep', 'ffffff545300000065', 'early-too-long'], ['no JSON', 'ffffff545300000002ff7b', 'early-bad-json'],
])('an early payload that is %s is the end', (_, hex, reason) => {
  const read = createEarlyReader(100)
  expect(read(fromHex(hex) ?? new Uint8Array())).toEqual({ ok: false, reason })
  expect(read(settings)).toEqual({ ok: false, reason })
})
