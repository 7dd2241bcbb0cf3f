import { frameHeaderBytes, frameType, maxFrameBytes } from './constants.ts'

const utf8 = new TextEncoder()

/** type(1) length(2) body. Throws on a body that no frame holds: that is a bug. */
export function encodeFrame(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length > 0xffff) throw new RangeError(`a frame holds no ${length} bytes`)
  const bytes = new Uint8Array(frameHeaderBytes + length)
  bytes[0] = type
  new DataView(bytes.buffer).setUint16(1, length)
  let at = frameHeaderBytes
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

/** Tells the other side why there is no session. Nobody vouches for it: the client writes the text to its log, and no more. */
export function encodeErrorFrame(text: string): Uint8Array {
  return encodeFrame(frameType.error, utf8.encode(text).subarray(0, maxFrameBytes - frameHeaderBytes))
}

/** What a stream of frames is read by. Each says what is wrong, or undefined; what is wrong once is the end of the stream. */
export interface FrameSink<Reason extends string> {
  /** Before the body is there: a frame that is not wanted costs no memory. `length` is the body's. */
  readonly header: (type: number, length: number) => Reason | undefined
  /** The body is only good during the call. */
  readonly frame: (type: number, body: Uint8Array) => Reason | undefined
}

/**
 * Cuts a stream into frames, however it comes. Returns the function that takes its next bytes and says what is wrong, from
 * then on for ever. Keeps at most one body, which is written once: bytes that come one by one cost no copies of those before.
 */
export function createFrameReader<Reason extends string>(sink: FrameSink<Reason>): (bytes: Uint8Array) => Reason | undefined {
  const header = new Uint8Array(frameHeaderBytes)
  const view = new DataView(header.buffer)
  let headerHas = 0
  let body: Uint8Array | undefined
  let bodyHas = 0
  let wrong: Reason | undefined

  function read(bytes: Uint8Array): Reason | undefined {
    let at = 0
    for (;;) {
      if (headerHas < frameHeaderBytes) {
        const part = bytes.subarray(at, at + frameHeaderBytes - headerHas)
        header.set(part, headerHas)
        headerHas += part.length
        at += part.length
        if (headerHas < frameHeaderBytes) return undefined
        const unwanted = sink.header(view.getUint8(0), view.getUint16(1))
        if (unwanted !== undefined) return unwanted
      }
      const length = view.getUint16(1)
      if (!body) {
        if (bytes.length - at >= length) {
          headerHas = 0
          const failed = sink.frame(view.getUint8(0), bytes.subarray(at, at + length))
          if (failed !== undefined) return failed
          at += length
          continue
        }
        body = new Uint8Array(length)
      }
      const part = bytes.subarray(at, at + length - bodyHas)
      body.set(part, bodyHas)
      bodyHas += part.length
      at += part.length
      if (bodyHas < length) return undefined
      const whole = body
      body = undefined
      headerHas = bodyHas = 0
      const failed = sink.frame(view.getUint8(0), whole)
      if (failed !== undefined) return failed
    }
  }

  return (bytes) => {
    wrong ??= read(bytes)
    return wrong
  }
}
