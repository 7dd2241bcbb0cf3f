import { addrPortBytes, decodeAddrPort, encodeAddrPort, type AddrPort } from '../../lib/addr-port.ts'
import { equalBytes } from '../../lib/bytes.ts'
import { fail, ok, type Result } from '../../lib/result.ts'
import { boxNonceBytes, boxOverheadBytes } from '../nacl-box.ts'
import { encodeRawFrame, frameType, maxPacketBytes, type RawFrame } from './frame.ts'

/** "DERP" and U+1F511, with which a server begins. */
export const derpMagic = Uint8Array.of(0x44, 0x45, 0x52, 0x50, 0xf0, 0x9f, 0x94, 0x91)

/** Spec section 5. All keys are 32 raw bytes. */
export type DerpMessage =
  | { readonly kind: 'server-key'; readonly serverKey: Uint8Array }
  | { readonly kind: 'client-info'; readonly clientKey: Uint8Array; readonly nonce: Uint8Array; readonly box: Uint8Array }
  | { readonly kind: 'server-info'; readonly nonce: Uint8Array; readonly box: Uint8Array }
  | { readonly kind: 'send-packet'; readonly destination: Uint8Array; readonly packet: Uint8Array }
  | { readonly kind: 'recv-packet'; readonly source: Uint8Array; readonly packet: Uint8Array }
  | { readonly kind: 'keep-alive' }
  | { readonly kind: 'note-preferred'; readonly preferred: boolean }
  | { readonly kind: 'peer-gone'; readonly peer: Uint8Array; readonly reason: number }
  | { readonly kind: 'peer-present'; readonly peer: Uint8Array; readonly address?: AddrPort; readonly flags?: number }
  | { readonly kind: 'forward-packet'; readonly source: Uint8Array; readonly destination: Uint8Array; readonly packet: Uint8Array }
  | { readonly kind: 'watch-conns' }
  | { readonly kind: 'close-peer'; readonly peer: Uint8Array }
  | { readonly kind: 'ping'; readonly data: Uint8Array }
  | { readonly kind: 'pong'; readonly data: Uint8Array }
  | { readonly kind: 'health'; readonly text: string }
  /** Both in milliseconds: when to come back, and for how long to go on trying. */
  | { readonly kind: 'restarting'; readonly reconnectInMs: number; readonly tryForMs: number }

/** Why a PeerGone: the peer has left, or was never here. */
export const peerGoneReason = { disconnected: 0, notHere: 1 } as const

/** An unknown type is for both sides to skip; the others are a reason to end the connection. */
export type DerpMessageError = 'unknown-type' | 'short' | 'too-long' | 'bad-magic'

const keyBytes = 32

/** One frame, ready to be written. */
export function encodeDerp(message: DerpMessage): Uint8Array {
  switch (message.kind) {
    case 'server-key':
      return encodeRawFrame(frameType.serverKey, derpMagic, message.serverKey)
    case 'client-info':
      return encodeRawFrame(frameType.clientInfo, message.clientKey, message.nonce, message.box)
    case 'server-info':
      return encodeRawFrame(frameType.serverInfo, message.nonce, message.box)
    case 'send-packet':
      return encodeRawFrame(frameType.sendPacket, message.destination, message.packet)
    case 'recv-packet':
      return encodeRawFrame(frameType.recvPacket, message.source, message.packet)
    case 'keep-alive':
      return encodeRawFrame(frameType.keepAlive)
    case 'note-preferred':
      return encodeRawFrame(frameType.notePreferred, Uint8Array.of(message.preferred ? 1 : 0))
    case 'peer-gone':
      return encodeRawFrame(frameType.peerGone, message.peer, Uint8Array.of(message.reason))
    case 'peer-present': {
      const address = message.address ? encodeAddrPort(message.address) : new Uint8Array(0)
      const flags = message.address && message.flags !== undefined ? Uint8Array.of(message.flags) : new Uint8Array(0)
      return encodeRawFrame(frameType.peerPresent, message.peer, address, flags)
    }
    case 'forward-packet':
      return encodeRawFrame(frameType.forwardPacket, message.source, message.destination, message.packet)
    case 'watch-conns':
      return encodeRawFrame(frameType.watchConns)
    case 'close-peer':
      return encodeRawFrame(frameType.closePeer, message.peer)
    case 'ping':
      return encodeRawFrame(frameType.ping, message.data)
    case 'pong':
      return encodeRawFrame(frameType.pong, message.data)
    case 'health':
      return encodeRawFrame(frameType.health, new TextEncoder().encode(message.text))
    case 'restarting': {
      const times = new DataView(new ArrayBuffer(8))
      times.setUint32(0, message.reconnectInMs)
      times.setUint32(4, message.tryForMs)
      return encodeRawFrame(frameType.restarting, new Uint8Array(times.buffer))
    }
  }
}

/** What a body must hold at least; bytes after what is known are for the future, and ignored. */
const leastBytes: Readonly<Record<number, number>> = {
  [frameType.serverKey]: derpMagic.length + keyBytes,
  [frameType.clientInfo]: keyBytes + boxNonceBytes + boxOverheadBytes,
  [frameType.serverInfo]: boxNonceBytes + boxOverheadBytes,
  [frameType.sendPacket]: keyBytes,
  [frameType.recvPacket]: keyBytes,
  [frameType.keepAlive]: 0,
  [frameType.notePreferred]: 1,
  [frameType.peerGone]: keyBytes + 1,
  [frameType.peerPresent]: keyBytes,
  [frameType.forwardPacket]: 2 * keyBytes,
  [frameType.watchConns]: 0,
  [frameType.closePeer]: keyBytes,
  [frameType.ping]: 8,
  [frameType.pong]: 8,
  [frameType.health]: 0,
  [frameType.restarting]: 8,
}

function decodePeerPresent(body: Uint8Array): DerpMessage {
  const peer = body.subarray(0, keyBytes)
  // Old servers send the key alone, later ones the address, then flags.
  if (body.length < keyBytes + addrPortBytes) return { kind: 'peer-present', peer }
  const address = decodeAddrPort(body, keyBytes)
  const flags = body[keyBytes + addrPortBytes]
  return flags === undefined ? { kind: 'peer-present', peer, address } : { kind: 'peer-present', peer, address, flags }
}

/** Reads one frame's body. The message aliases it. */
export function decodeDerp({ type, body }: RawFrame): Result<DerpMessage, DerpMessageError> {
  const least = leastBytes[type]
  if (least === undefined) return fail('unknown-type')
  if (body.length < least) return fail('short')
  const key = body.subarray(0, keyBytes)
  const afterKey = body.subarray(keyBytes)
  switch (type) {
    case frameType.serverKey:
      if (!equalBytes(body.subarray(0, derpMagic.length), derpMagic)) return fail('bad-magic')
      return ok({ kind: 'server-key', serverKey: body.subarray(derpMagic.length, derpMagic.length + keyBytes) })
    case frameType.clientInfo:
      return ok({ kind: 'client-info', clientKey: key, nonce: afterKey.subarray(0, boxNonceBytes), box: afterKey.subarray(boxNonceBytes) })
    case frameType.serverInfo:
      return ok({ kind: 'server-info', nonce: body.subarray(0, boxNonceBytes), box: body.subarray(boxNonceBytes) })
    case frameType.sendPacket:
    case frameType.recvPacket:
      if (afterKey.length > maxPacketBytes) return fail('too-long')
      return ok(type === frameType.sendPacket
        ? { kind: 'send-packet', destination: key, packet: afterKey }
        : { kind: 'recv-packet', source: key, packet: afterKey })
    case frameType.keepAlive:
      return ok({ kind: 'keep-alive' })
    case frameType.notePreferred:
      return ok({ kind: 'note-preferred', preferred: body[0] !== 0 })
    case frameType.peerGone:
      return ok({ kind: 'peer-gone', peer: key, reason: afterKey[0] ?? peerGoneReason.disconnected })
    case frameType.peerPresent:
      return ok(decodePeerPresent(body))
    case frameType.forwardPacket: {
      const packet = body.subarray(2 * keyBytes)
      if (packet.length > maxPacketBytes) return fail('too-long')
      return ok({ kind: 'forward-packet', source: key, destination: afterKey.subarray(0, keyBytes), packet })
    }
    case frameType.watchConns:
      return ok({ kind: 'watch-conns' })
    case frameType.closePeer:
      return ok({ kind: 'close-peer', peer: key })
    case frameType.ping:
    case frameType.pong:
      return ok({ kind: type === frameType.ping ? 'ping' : 'pong', data: body.subarray(0, 8) })
    case frameType.health:
      return ok({ kind: 'health', text: new TextDecoder().decode(body) })
    default: {
      const times = new DataView(body.buffer, body.byteOffset, body.length)
      return ok({ kind: 'restarting', reconnectInMs: times.getUint32(0), tryForMs: times.getUint32(4) })
    }
  }
}
