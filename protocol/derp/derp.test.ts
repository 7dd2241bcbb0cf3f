import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeAddrPort } from '../../lib/addr-port.ts'
import { concatBytes, fromHex, toHex } from '../../lib/bytes.ts'
import { beforeBox, boxPublicKey } from '../nacl-box.ts'
import { createFrameParser, encodeRawFrame, maxBodyBytes, type RawFrame } from './frame.ts'
import { openClientInfo, openServerInfo, sealClientInfo, sealServerInfo } from './info.ts'
import { decodeDerp, encodeDerp, type DerpMessage } from './message.ts'
import { generator, mutations } from '../testing.ts'

const hex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array()
const raw = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const key = hex('1fbe3073a397436f15ca5837e5f666b7ad7e3de8f0c68eff34183ed0e7252c4c')
const keyText = toHex(key)

const wire: readonly [DerpMessage, string][] = [
  [{ kind: 'server-key', serverKey: key }, `010000002844455250f09f9491${keyText}`],
  [{ kind: 'send-packet', destination: key, packet: hex('af') }, `0400000021${keyText}af`],
  [{ kind: 'recv-packet', source: key, packet: hex('') }, `0500000020${keyText}`],
  [{ kind: 'keep-alive' }, '0600000000'],
  [{ kind: 'note-preferred', preferred: true }, '070000000101'],
  [{ kind: 'peer-gone', peer: key, reason: 1 }, `0800000021${keyText}01`],
  [{ kind: 'peer-present', peer: key }, `0900000020${keyText}`],
  [
    { kind: 'peer-present', peer: key, address: { ip: '203.0.113.9', port: 1234 }, flags: 1 },
    `0900000033${keyText}00000000000000000000ffffcb00710904d201`,
  ],
  [{ kind: 'forward-packet', source: key, destination: key, packet: hex('af') }, `0a00000041${keyText}${keyText}af`],
  [{ kind: 'watch-conns' }, '1000000000'],
  [{ kind: 'close-peer', peer: key }, `1100000020${keyText}`],
  [{ kind: 'ping', data: hex('3132333435363738') }, '12000000083132333435363738'],
  [{ kind: 'pong', data: hex('3132333435363738') }, '13000000083132333435363738'],
  [{ kind: 'health', text: 'duplicate connection' }, '14000000146475706c696361746520636f6e6e656374696f6e'],
  [{ kind: 'restarting', reconnectInMs: 1500, tryForMs: 60000 }, '1500000008000005dc0000ea60'],
]

function readAll(bytes: Uint8Array): readonly RawFrame[] {
  const frames = createFrameParser().push(bytes)
  if (!frames.ok) throw new Error(frames.reason)
  return frames.value
}

test.each(wire)('$0.kind', (message, text) => {
  expect(toHex(encodeDerp(message))).toBe(text)
  expect(readAll(hex(text)).map(decodeDerp)).toEqual([{ ok: true, value: message }])
})

test('bytes after a server key are for the future; other magic is not DERP', () => {
  expect(decodeDerp({ type: 1, body: hex(`44455250f09f9491${keyText}000102`) })).toEqual({ ok: true, value: { kind: 'server-key', serverKey: key } })
  expect(decodeDerp({ type: 1, body: hex(`44455250f09f9492${keyText}`) })).toEqual({ ok: false, reason: 'bad-magic' })
})

test('an unknown type says so, and the next frame is read', () => {
  const read = readAll(hex('7f00000007756e6b6e6f776e0600000000')).map(decodeDerp)
  expect(read).toEqual([{ ok: false, reason: 'unknown-type' }, { ok: true, value: { kind: 'keep-alive' } }])
})

test('however the stream is cut, the frames are the same', () => {
  const frame = fc.record({ type: fc.nat(255), body: fc.uint8Array({ maxLength: 40 }) })
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (frames, steps) => {
      const stream = concatBytes(...frames.map(({ type, body }) => encodeRawFrame(type, body)))
      const parser = createFrameParser()
      const read: RawFrame[] = []
      for (let at = 0, i = 0; at < stream.length; i++) {
        const end = at + (steps[i % steps.length] ?? 1)
        const some = parser.push(stream.subarray(at, end))
        if (some.ok) read.push(...some.value)
        at = end
      }
      expect(read).toEqual(frames)
    }),
  )
})

test('a frame beyond the limit is refused at its header', () => {
  const header = encodeRawFrame(4, new Uint8Array(0))
  new DataView(header.buffer).setUint32(1, maxBodyBytes + 1)
  expect(createFrameParser().push(header.subarray(0, 4))).toEqual({ ok: true, value: [] })
  expect(createFrameParser().push(header)).toEqual({ ok: false, reason: 'too-long' })
})

test('no body makes the decoder throw, and what it reads it writes again', () => {
  fc.assert(
    fc.property(fc.nat(0x16), fc.uint8Array({ maxLength: 160 }), (type, body) => {
      const read = decodeDerp({ type, body })
      if (!read.ok) return
      expect(readAll(encodeDerp(read.value)).map(decodeDerp)).toEqual([read])
    }),
  )
})

test('a mesh peer with any address', () => {
  fc.assert(
    fc.property(raw(32), raw(18), fc.nat(255), (peer, address, flags) => {
      const message: DerpMessage = { kind: 'peer-present', peer, address: decodeAddrPort(address), flags }
      expect(readAll(encodeDerp(message)).map(decodeDerp)).toEqual([{ ok: true, value: message }])
    }),
  )
})

test('infos open for the other side, and for nobody else', () => {
  fc.assert(
    fc.property(raw(32), raw(32), raw(24), fc.boolean(), (client, server, nonce, canAckPings) => {
      const atClient = beforeBox(client, boxPublicKey(server))
      const atServer = beforeBox(server, boxPublicKey(client))
      if (!atClient.ok || !atServer.ok) throw new Error('keys')
      const sealed = sealClientInfo(atClient.value, nonce, { canAckPings })
      expect(openClientInfo(atServer.value, sealed)).toEqual({ ok: true, value: { version: 2, CanAckPings: canAckPings, IsProber: false } })
      expect(openClientInfo(new Uint8Array(32), sealed)).toEqual({ ok: false, reason: 'forged' })
      const info = sealServerInfo(atServer.value, nonce, { bytesPerSecond: 1000, burstBytes: 2000 })
      const limits = { version: 2, TokenBucketBytesPerSecond: 1000, TokenBucketBytesBurst: 2000 }
      expect(openServerInfo(atClient.value, info)).toEqual({ ok: true, value: limits })
    }),
    { numRuns: 20 },
  )
})

test('a million random and mutated inputs: a value or a reason, never an exception', () => {
  const next = mutations(wire.map(([, bytes]) => hex(bytes)), generator(0xde49))
  let read = 0
  for (let i = 0; i < 1_000_000; i++) {
    const input = next()
    if (decodeDerp({ type: input[0] ?? 0, body: input.subarray(Math.min(5, input.length)) }).ok) read++
    // A stream is cut from the same bytes: a length that is not true has it wait, or end.
    const frames = createFrameParser().push(input)
    for (const frame of frames.ok ? frames.value : []) decodeDerp(frame)
  }
  expect(read).toBeGreaterThan(300_000)
}, 60_000)
