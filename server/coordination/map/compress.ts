import * as zlib from 'node:zlib'
import { compress, init } from '@bokuweb/zstd-wasm'

/** One whole zstd frame. */
export type Compress = (bytes: Uint8Array) => Uint8Array

/** Fast: most messages are small, and go to many. */
const level = 1

let loading: Promise<Compress> | undefined

/** The runtime's own compressor where it has one (Node.js 22.15), else one in WebAssembly. */
export function loadCompressor(): Promise<Compress> {
  loading ??= load()
  return loading
}

async function load(): Promise<Compress> {
  const own: unknown = Reflect.get(zlib, 'zstdCompressSync')
  if (typeof own === 'function') return (bytes) => own(bytes) as Uint8Array // as the runtime's documentation says
  await init()
  return (bytes) => compress(bytes, level)
}
