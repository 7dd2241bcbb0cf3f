import * as zlib from 'node:zlib'
import { decompress } from '@bokuweb/zstd-wasm'
import { mapResponseSchema, type MapResponse } from '../../protocol/tailcfg/index.ts'
import { loadCompressor } from '../../server/coordination/map/compress.ts'

/** The library is begun once in a process, by whoever comes first: a second time breaks what is under way. */
async function loadDecompressor(): Promise<(frame: Uint8Array) => Uint8Array> {
  const own: unknown = Reflect.get(zlib, 'zstdDecompressSync')
  if (typeof own === 'function') return (frame) => own(frame) as Uint8Array // as the runtime's documentation says
  await loadCompressor()
  return (frame) => decompress(frame)
}

/** Takes a map stream apart: length (little-endian), zstd frame, JSON. Throws where a client's own parser would. */
export async function* mapMessages(body: AsyncIterable<Uint8Array>): AsyncGenerator<MapResponse, void, undefined> {
  const unpack = await loadDecompressor()
  let buffered = Buffer.alloc(0)
  for await (const chunk of body) {
    buffered = buffered.length === 0 ? Buffer.from(chunk) : Buffer.concat([buffered, chunk])
    while (buffered.length >= 4 && buffered.length >= 4 + buffered.readUInt32LE()) {
      const end = 4 + buffered.readUInt32LE()
      yield mapResponseSchema.parse(JSON.parse(Buffer.from(unpack(buffered.subarray(4, end))).toString()))
      buffered = buffered.subarray(end)
    }
  }
  if (buffered.length > 0) throw new Error(`the stream ended within a message, after ${buffered.length} bytes of it`)
}
