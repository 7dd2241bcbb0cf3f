import { decompress } from '@bokuweb/zstd-wasm'
import type { MapResponse } from '../../../protocol/tailcfg/index.ts'
import { loadCompressor } from '../../../server/coordination/map/compress.ts'

/** One message of a map stream. */
export interface Message {
  readonly said: MapResponse
  /** As it came: length and zstd frame. */
  readonly bytes: number
  readonly jsonBytes: number
  /** The packet filter in it as text; empty: none. */
  readonly filters: string
}

const lengthBytes = 4
/** Larger ones are one client's own: they would only push out those that many get. */
const maxSharedBytes = 64 << 10
const maxKept = 512

/** The server says the same to many, and they are one process here: each message is opened once. Bounded: `maxKept`, the oldest goes. */
const kept = new Map<string, Message>()

/** Once in a process, before the first message. */
export const prepare = async (): Promise<void> => void await loadCompressor()

function open(frame: Buffer): Message {
  const key = frame.length <= maxSharedBytes ? frame.toString('latin1') : undefined
  const known = key === undefined ? undefined : kept.get(key)
  if (known !== undefined) return known
  const text = Buffer.from(decompress(frame)).toString()
  const said = JSON.parse(text) as MapResponse // what tests hold to its schema
  const message = { said, bytes: lengthBytes + frame.length, jsonBytes: Buffer.byteLength(text), filters: said.PacketFilters ? JSON.stringify(said.PacketFilters) : '' }
  if (key !== undefined) {
    kept.set(key, message)
    const oldest = kept.size > maxKept ? kept.keys().next() : undefined
    if (oldest?.done === false) kept.delete(oldest.value)
  }
  return message
}

/** Takes one map stream apart. */
export class MessageReader {
  #parts: Buffer[] = []
  #length = 0

  /** The messages that are whole with this chunk. */
  push(chunk: Uint8Array): Message[] {
    this.#parts.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))
    this.#length += chunk.length
    const messages: Message[] = []
    for (;;) {
      if (this.#length < lengthBytes) return messages
      let [first] = this.#parts
      // Joined only once there is enough: a first map is many chunks.
      if (first === undefined || first.length < lengthBytes) first = this.#join()
      const end = lengthBytes + first.readUInt32LE()
      if (this.#length < end) return messages
      const all = this.#join()
      messages.push(open(all.subarray(lengthBytes, end)))
      this.#parts = [all.subarray(end)]
      this.#length -= end
    }
  }

  #join(): Buffer {
    const all = this.#parts.length === 1 && this.#parts[0] ? this.#parts[0] : Buffer.concat(this.#parts)
    this.#parts = [all]
    return all
  }
}
