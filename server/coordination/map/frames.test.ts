import { expect, test } from 'vitest'
import { mapMessages } from '../../../tests/coordination-client/map-reader.ts'
import type { MapResponse, WireNode } from '../../../protocol/tailcfg/index.ts'
import { loadCompressor } from './compress.ts'
import { Frames, messageText } from './frames.ts'

const node: WireNode = {
  ID: 1, StableID: 'n1', Name: 'ä.net.', User: 1, Key: `nodekey:${'1'.repeat(64)}`, Addresses: ['100.64.0.1/32'], AllowedIPs: ['100.64.0.1/32'], Hostinfo: {}, Created: '2026-01-01T00:00:00Z',
}

async function read(bytes: readonly Uint8Array[]): Promise<MapResponse[]> {
  const messages: MapResponse[] = []
  for await (const message of mapMessages((async function* () { yield* bytes })())) messages.push(message)
  return messages
}

test('a length, little-endian, and one zstd frame; equal messages are compressed once', async () => {
  const frames = new Frames(await loadCompressor(), () => {})
  const message: MapResponse = { PeersChanged: [node], PeersRemoved: [2], Domain: 'net' }
  const frame = frames.frame(message)
  const view = new DataView(frame.buffer, frame.byteOffset)
  expect(view.getUint32(0, true)).toBe(frame.length - 4)
  expect(view.getUint32(4, false)).toBe(0x28b5_2ffd)
  expect(frames.frame({ ...message })).toBe(frame)
  expect(frames.counts).toEqual({ made: 1, shared: 1 })
  // However it is cut.
  const bytes = [...Buffer.concat([frame, frame])].map((byte) => Uint8Array.of(byte))
  expect(await read(bytes)).toEqual([message, message])
})

test('the text of a message is its JSON, whatever is kept of it', () => {
  for (const message of [{}, { Peers: [] }, { Peers: [node, node], KeepAlive: true as const }, { PacketFilters: { '*': null } }]) {
    expect(JSON.parse(messageText(message))).toEqual(message)
    expect(JSON.parse(messageText(message))).toEqual(message)
  }
})

test('what is kept is bounded; what is far too large is not sent at all', async () => {
  const large: number[] = []
  const frames = new Frames(await loadCompressor(), (bytes) => large.push(bytes))
  const first = frames.frame({ Domain: 'first' })
  expect(frames.frame({ Domain: 'first' })).toBe(first)
  for (let i = 0; i < 100; i++) frames.frame({ Domain: `${i} ${'x'.repeat(100_000)}` })
  expect(frames.frame({ Domain: 'first' })).not.toBe(first)
  frames.frame({ Domain: 'x'.repeat(9 << 20) })
  expect(large).toHaveLength(1)
  expect(() => frames.frame({ Domain: 'x'.repeat(33 << 20) })).toThrow(RangeError)
})
