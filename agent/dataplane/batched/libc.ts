import type { address, errno, KoffiFunction, load } from 'koffi'
import path from 'node:path'
import { createArena, type Arena } from './arena.ts'

/** What is called of the C library. Addresses are numbers, which cost less than buffers; results below 0 leave `errno`. */
export interface Libc {
  readonly addressOf: (bytes: Uint8Array) => number
  readonly errno: () => number
  readonly socket: KoffiFunction
  readonly bind: KoffiFunction
  readonly getsockname: KoffiFunction
  readonly setsockopt: KoffiFunction
  readonly getsockopt: KoffiFunction
  readonly recvmmsg: KoffiFunction
  readonly sendmmsg: KoffiFunction
  readonly sendto: KoffiFunction
  readonly shutdown: KoffiFunction
  readonly close: KoffiFunction
}

/** The binary alone, without the package's loader: it is a file of its own beside a bundle. */
interface Native {
  readonly load: typeof load
  readonly address: typeof address
  readonly errno: typeof errno
}

/** The dynamic linker's words for a folder that no program may be loaded from do not say so. */
export function whyNotLoaded(file: string, said: string): string {
  if (!said.includes('failed to map segment')) return said
  return `no program may be loaded from ${path.dirname(file)} (mounted noexec): give --data on another file system`
}

/** Throws what the system says where the binary or the C library does not load. */
export function loadLibc(nativePath: string): Libc {
  const loaded = { exports: {} }
  try {
    process.dlopen(loaded, nativePath)
  } catch (error) {
    throw new Error(whyNotLoaded(nativePath, error instanceof Error ? error.message : String(error)))
  }
  // A binary has no types; these are of the package that it comes from.
  const native = loaded.exports as Native
  const library = native.load('libc.so.6')
  return {
    addressOf: (bytes) => Number(native.address(bytes)),
    errno: () => native.errno(),
    socket: library.func('int socket(int, int, int)'),
    bind: library.func('int bind(int, int64_t, uint32_t)'),
    getsockname: library.func('int getsockname(int, int64_t, int64_t)'),
    setsockopt: library.func('int setsockopt(int, int, int, int64_t, uint32_t)'),
    getsockopt: library.func('int getsockopt(int, int, int, int64_t, int64_t)'),
    recvmmsg: library.func('int recvmmsg(int, int64_t, uint32_t, int, int64_t)'),
    sendmmsg: library.func('int sendmmsg(int, int64_t, uint32_t, int)'),
    sendto: library.func('int64_t sendto(int, int64_t, uint64_t, int, int64_t, uint32_t)'),
    shutdown: library.func('int shutdown(int, int)'),
    close: library.func('int close(int)'),
  }
}

export function arenaOf(libc: Libc, size: number): Arena {
  return createArena(size, libc.addressOf)
}
