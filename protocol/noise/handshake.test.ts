import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromHex, toHex } from '../../lib/bytes.ts'
import { nobleCrypto, type NoiseCrypto } from './crypto.ts'
import { createRecordReader, createRecordSealer } from './record.ts'
import { initiate } from './initiator.ts'
import { acceptInitiation, initiationErrorFrame } from './responder.ts'
import { bytesOf, handshake, key, serverKey } from './testing.ts'

const hex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array()

/** All points of small order in X25519, and their spellings above the prime; spec of the curve, section 6.1. */
const lowOrder = [
  '00'.repeat(32), `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800', '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`, `ed${'ff'.repeat(30)}7f`, `ee${'ff'.repeat(30)}7f`,
].map(hex)

test('both sides end with the same keys, crosswise, and the server knows the machine', () => {
  const { accepted, session } = handshake(142)
  expect([accepted.version, toHex(accepted.machineKey)]).toEqual([142, toHex(nobleCrypto.publicKey(key(2)))])
  expect([toHex(session.sendKey), toHex(session.receiveKey), toHex(session.handshakeHash)])
    .toEqual([toHex(accepted.session.receiveKey), toHex(accepted.session.sendKey), toHex(accepted.session.handshakeHash)])
  const opened = createRecordReader(session.receiveKey)(bytesOf(createRecordSealer(accepted.session.sendKey)(hex('c0ffee'))))
  expect(opened).toEqual({ ok: true, value: [hex('c0ffee')] })
})

test('each connection has a hash of its own, and each version too', () => {
  const hashes = [handshake(142), handshake(143), handshake(142, key(9)), handshake(142, key(3), key(9))].map(({ session }) => toHex(session.handshakeHash))
  expect(new Set(hashes).size).toBe(4)
})

test('whatever byte of the initiation is changed, there is no session', () => {
  const { initiation } = handshake(142)
  for (let at = 0; at < initiation.length; at++) {
    const changed = initiation.slice()
    changed[at] = (changed[at] ?? 0) ^ 0x40
    expect(acceptInitiation(changed, serverKey, key(4)).ok, `byte ${at}`).toBe(false)
  }
})

test('whatever byte of the response is changed, there is no session', () => {
  const { response } = handshake(142).accepted
  for (let at = 0; at < response.length; at++) {
    const changed = response.slice()
    changed[at] = (changed[at] ?? 0) ^ 0x01
    const again = initiate(142, { machine: key(2), server: serverKey.publicKey, ephemeral: key(3) })
    expect(again.ok && again.value.finish(changed).ok, `byte ${at}`).toBe(false)
  }
})

test('an initiation of any other length is none, and another type or length field is told so', () => {
  const { initiation } = handshake(142)
  for (const length of [0, 1, 5, 37, 100, 102, 4096]) {
    const other = new Uint8Array(length)
    other.set(initiation.subarray(0, length))
    expect(acceptInitiation(other, serverKey, key(4))).toEqual({ ok: false, reason: 'bad-size' })
  }
  expect(toHex(initiationErrorFrame('bad-size') ?? new Uint8Array())).toBe(`03001f${toHex(new TextEncoder().encode('wrong handshake initiation size'))}`)
  expect([initiationErrorFrame('forged'), initiationErrorFrame('bad-key')]).toEqual([undefined, undefined])
})

test('a client that knows another server’s key is refused, and so is a server that is another', () => {
  const other = { privateKey: key(8), publicKey: nobleCrypto.publicKey(key(8)) }
  const initiated = initiate(142, { machine: key(2), server: other.publicKey, ephemeral: key(3) })
  if (!initiated.ok) throw new Error(initiated.reason)
  expect(acceptInitiation(initiated.value.initiation, serverKey, key(4))).toEqual({ ok: false, reason: 'forged' })
  expect(initiated.value.finish(handshake(142).accepted.response)).toEqual({ ok: false, reason: 'forged' })
})

test.each(lowOrder.map((point) => [toHex(point), point] as const))('no secret is made with %s', (_, point) => {
  expect(nobleCrypto.sharedSecret(key(1), point)).toBeUndefined()
  // As the client's ephemeral key, as its machine key (sealed by a client that lies), and as the server's key.
  const { initiation } = handshake(142)
  const withEphemeral = initiation.slice()
  withEphemeral.set(point, 5)
  expect(acceptInitiation(withEphemeral, serverKey, key(4))).toEqual({ ok: false, reason: 'bad-key' })
  const machine = key(2)
  const lying: NoiseCrypto = { ...nobleCrypto, publicKey: (privateKey) => privateKey === machine ? point : nobleCrypto.publicKey(privateKey) }
  const lie = initiate(142, { machine, server: serverKey.publicKey, ephemeral: key(3) }, lying)
  if (!lie.ok) throw new Error(lie.reason)
  expect(acceptInitiation(lie.value.initiation, serverKey, key(4))).toEqual({ ok: false, reason: 'bad-key' })
  expect(initiate(142, { machine, server: point, ephemeral: key(3) })).toEqual({ ok: false, reason: 'bad-key' })
  const response = handshake(142).accepted.response.slice()
  response.set(point, 3)
  const honest = initiate(142, { machine, server: serverKey.publicKey, ephemeral: key(3) })
  expect(honest.ok && honest.value.finish(response)).toEqual({ ok: false, reason: 'bad-key' })
})

test('any version and any keys agree', () => {
  const raw = fc.uint8Array({ minLength: 32, maxLength: 32 })
  fc.assert(fc.property(fc.nat(0xffff), raw, raw, raw, (version, machine, own, others) => {
    const { accepted, session } = handshake(version, own, others, machine)
    expect(accepted.version).toBe(version)
    expect(toHex(accepted.session.handshakeHash)).toBe(toHex(session.handshakeHash))
  }), { numRuns: 20 })
})
