import { fail, ok, type Result } from '../../lib/result.ts'

/** Spec section 5: type(1) length(4) body. */
export const frameHeaderBytes = 5
/** The largest packet carried in SendPacket, RecvPacket, ForwardPacket. */
export const maxPacketBytes = 64 * 1024
/** The largest body: a ForwardPacket has two keys before its packet. */
export const maxBodyBytes = maxPacketBytes + 64

export const frameType = {
  serverKey: 0x01,
  clientInfo: 0x02,
  serverInfo: 0x03,
  sendPacket: 0x04,
  recvPacket: 0x05,
  keepAlive: 0x06,
  notePreferred: 0x07,
  peerGone: 0x08,
  peerPresent: 0x09,
  forwardPacket: 0x0a,
  watchConns: 0x10,
  closePeer: 0x11,
  ping: 0x12,
  pong: 0x13,
  health: 0x14,
  restarting: 0x15,
} as const

/** A frame whose body has not been looked at. `body` may alias the bytes that were pushed. */
export interface RawFrame {
  readonly type: number
  readonly body: Uint8Array
}

/** One frame from its type and the parts of its body. */
export function encodeRawFrame(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const bytes = new Uint8Array(frameHeaderBytes + length)
  bytes[0] = type
  new DataView(bytes.buffer).setUint32(1, length)
  let at = frameHeaderBytes
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

export interface FrameParser {
  /** Takes the next bytes of the stream; the frames that are whole now. After a failure the stream is of no use. */
  push(bytes: Uint8Array): Result<RawFrame[], 'too-long'>
}

/**
 * Cuts a stream into frames. Keeps at most one body of `maxBody` bytes, which is written once: bytes that trickle in
 * one by one cost no copies of what came before.
 */
export function createFrameParser(maxBody = maxBodyBytes): FrameParser {
  const header = new Uint8Array(frameHeaderBytes)
  let headerHas = 0
  let body: Uint8Array | undefined
  let bodyHas = 0

  function push(bytes: Uint8Array): Result<RawFrame[], 'too-long'> {
    const frames: RawFrame[] = []
    let at = 0
    while (at < bytes.length) {
      if (headerHas < frameHeaderBytes) {
        const part = bytes.subarray(at, at + frameHeaderBytes - headerHas)
        header.set(part, headerHas)
        headerHas += part.length
        at += part.length
        if (headerHas < frameHeaderBytes) break
      }
      const length = new DataView(header.buffer).getUint32(1)
      if (length > maxBody) return fail('too-long')
      if (!body && bytes.length - at >= length) {
        frames.push({ type: header[0] ?? 0, body: bytes.subarray(at, at + length) })
        at += length
        headerHas = 0
        continue
      }
      body ??= new Uint8Array(length)
      const part = bytes.subarray(at, at + length - bodyHas)
      body.set(part, bodyHas)
      bodyHas += part.length
      at += part.length
      if (bodyHas < length) break
      frames.push({ type: header[0] ?? 0, body })
      body = undefined
      bodyHas = headerHas = 0
    }
    return ok(frames)
  }

  return { push }
}
