/**
 * Memory whose address the kernel is told. It is one piece, as the collector neither moves nor frees what a view of
 * it is held; and it lies within one stretch of 4 GiB, so that an address in it is its base's upper word and a lower one.
 */
export interface Arena {
  readonly bytes: Uint8Array
  readonly halves: Uint16Array
  readonly words: Uint32Array
  /** Of its first byte. User addresses are below 2^47: a number holds them. */
  readonly address: number
  readonly low: number
  readonly high: number
}

const fourGiB = 2 ** 32

/** Far fewer pieces straddle such a border than do not: the second try nearly always does. */
const tries = 16

/** Zeroed memory of `size` bytes (a multiple of 4). Throws when none can be had. */
export function createArena(size: number, addressOf: (bytes: Uint8Array) => number): Arena {
  // Those that straddle are held until one does not: freed ones would be handed out again.
  const held: ArrayBuffer[] = []
  for (let i = 0; i < tries; i++) {
    const buffer = new ArrayBuffer(size)
    const bytes = new Uint8Array(buffer)
    const address = addressOf(bytes)
    const high = Math.floor(address / fourGiB)
    if (Math.floor((address + size) / fourGiB) === high) {
      return { bytes, halves: new Uint16Array(buffer), words: new Uint32Array(buffer), address, low: address % fourGiB, high }
    }
    held.push(buffer)
  }
  throw new Error(`no ${size} bytes within one stretch of 4 GiB`)
}
