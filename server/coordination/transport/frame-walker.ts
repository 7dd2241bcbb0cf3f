const prefaceBytes = 24
const headerBytes = 9

export const h2FrameType = { data: 0, resetStream: 3, goaway: 7, windowUpdate: 8 } as const

/** Finds the frames in a stream of HTTP/2, however it is cut, and keeps no more of it than a header. */
export class FrameWalker {
  readonly #header = new Uint8Array(headerBytes)
  #headerHas = 0
  #skip: number

  constructor(from: 'client' | 'server') {
    this.#skip = from === 'client' ? prefaceBytes : 0
  }

  /** Takes the next bytes; `onFrame` hears of each frame at its header, of the bytes that follow in this chunk too, and may stop it. */
  walk<Fault extends string>(bytes: Uint8Array, onFrame: (type: number, length: number, following: Uint8Array) => Fault | undefined): Fault | undefined {
    let at = 0
    while (at < bytes.length) {
      const skipped = Math.min(this.#skip, bytes.length - at)
      this.#skip -= skipped
      at += skipped
      while (at < bytes.length && this.#headerHas < headerBytes) this.#header[this.#headerHas++] = bytes[at++] ?? 0
      if (this.#headerHas < headerBytes) return undefined
      this.#headerHas = 0
      const [high = 0, middle = 0, low = 0, type = 0] = this.#header
      this.#skip = (high << 16) | (middle << 8) | low
      const fault = onFrame(type, this.#skip, bytes.subarray(at))
      if (fault !== undefined) return fault
    }
    return undefined
  }
}

/**
 * HTTP/2's library answers some violations with GOAWAY alone, and leaves the connection to us. Returns what looks at all that is
 * sent: the error code of a GOAWAY, undefined where there is none.
 */
export function createGoawayWatch(): (sent: Uint8Array) => number | undefined {
  const walker = new FrameWalker('server')
  return (sent) => {
    let code: number | undefined
    walker.walk(sent, (type, _, following) => {
      // last stream(4) code(4); the library writes such a frame at once.
      if (type !== h2FrameType.goaway || following.length < 8) return
      const said = new DataView(following.buffer, following.byteOffset).getUint32(4)
      if (said !== 0) code = said
    })
    return code
  }
}
