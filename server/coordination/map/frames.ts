import type { MapResponse, WireNode } from '../../../protocol/tailcfg/index.ts'
import type { Compress } from './compress.ts'

/** What is built beyond it is a mistake of ours, and would fill the memory (spec/coordination.md §10). */
const maxBytes = 32 << 20
/** Of so much an operator should know. */
const manyBytes = 8 << 20
/** Larger ones are one client's own: first maps. */
const maxSharedBytes = 128 << 10
const maxCachedBytes = 4 << 20
const lengthBytes = 4

/** Of each node once: it is in the messages to all who see it. Bounded: gone with the node. */
const texts = new WeakMap<WireNode, string>()

function nodeText(node: WireNode): string {
  const known = texts.get(node)
  if (known !== undefined) return known
  const text = JSON.stringify(node)
  texts.set(node, text)
  return text
}

/** As JSON. */
export function messageText({ Peers, PeersChanged, ...rest }: MapResponse): string {
  const parts = Object.entries(rest).map(([name, value]) => `"${name}":${JSON.stringify(value)}`)
  if (Peers !== undefined) parts.push(`"Peers":[${Peers.map(nodeText).join()}]`)
  if (PeersChanged !== undefined) parts.push(`"PeersChanged":[${PeersChanged.map(nodeText).join()}]`)
  return `{${parts.join()}}`
}

/** Turns messages into what is written: length (little-endian) and zstd frame (§3.3). Equal messages to several clients are compressed once. */
export class Frames {
  readonly #compress: Compress
  readonly #onLarge: (bytes: number) => void
  /** By text, the oldest first. Bounded: `maxCachedBytes` of texts and frames. */
  readonly #recent = new Map<string, Uint8Array>()
  #recentBytes = 0
  #made = 0
  #shared = 0

  constructor(compress: Compress, onLarge: (bytes: number) => void) {
    this.#compress = compress
    this.#onLarge = onLarge
  }

  get counts(): { readonly made: number; readonly shared: number } {
    return { made: this.#made, shared: this.#shared }
  }

  frame(message: MapResponse): Uint8Array {
    const text = messageText(message)
    const known = this.#recent.get(text)
    if (known !== undefined) {
      this.#shared++
      return known
    }
    const bytes = Buffer.from(text)
    if (bytes.length > maxBytes) throw new RangeError(`a map message of ${bytes.length} bytes`)
    if (bytes.length > manyBytes) this.#onLarge(bytes.length)
    const packed = this.#compress(bytes)
    const frame = Buffer.allocUnsafeSlow(lengthBytes + packed.length)
    frame.writeUInt32LE(packed.length)
    frame.set(packed, lengthBytes)
    this.#made++
    if (text.length <= maxSharedBytes) this.#keep(text, frame)
    return frame
  }

  #keep(text: string, frame: Uint8Array): void {
    this.#recent.set(text, frame)
    this.#recentBytes += text.length + frame.length
    for (const [oldText, old] of this.#recent) {
      if (this.#recentBytes <= maxCachedBytes) break
      this.#recent.delete(oldText)
      this.#recentBytes -= oldText.length + old.length
    }
  }
}
