import type { Arena } from './arena.ts'
import { linux, sizes } from './linux.ts'

/** Datagrams, or what the kernel merged of up to 64 each, of one call. Between 8 and 32 it matters little. */
export const batch = 32
/** The most segments that the kernel takes and gives in one message. */
export const maxSegments = 64
/** The most bytes of one message, below what an IP packet holds. */
export const maxMessageBytes = 65_000
/** Every segment of a batch may be for another session. */
export const maxMessages = batch * maxSegments

/** A multiple of the page size would put all buffers' beginnings on the same lines of the cache. */
const receiveRoom = 65_536
export const bufferStride = receiveRoom + 192

const nameRoom = 32
const receiveControlRoom = 64
const sendControlRoom = 32
/** One control message with a 16-bit number, as aligned. */
const segmentControlBytes = 24

/** Where everything lies in the arena; bytes from its beginning. */
export const place = (() => {
  let end = 0
  const take = (size: number): number => {
    const at = end
    end += size
    return at
  }
  return {
    buffers: take(batch * bufferStride),
    receiveHeaders: take(batch * sizes.mmsghdr), receiveVectors: take(batch * sizes.iovec), names: take(batch * nameRoom), receiveControls: take(batch * receiveControlRoom),
    sendHeaders: take(maxMessages * sizes.mmsghdr), sendVectors: take(maxMessages * sizes.iovec), sendControls: take(maxMessages * sendControlRoom),
    oneHeader: take(sizes.mmsghdr), oneVector: take(sizes.iovec),
    size: end,
  }
})()

/** Words of an `mmsghdr` from its first: pointers take two, lower first. */
export const header = { name: 0, nameLength: 2, vectors: 4, vectorCount: 6, control: 8, controlLength: 10, length: 14, words: sizes.mmsghdr / 4 } as const

function point(arena: Arena, word: number, low: number): void {
  arena.words[word] = low
  arena.words[word + 1] = arena.high
}

/** Writes, once, all that stays: where buffers, names and control messages are. */
export function prepareRings(arena: Arena, addressesHigh: number): void {
  const { words, low } = arena
  for (let i = 0; i < batch; i++) {
    const head = (place.receiveHeaders + i * sizes.mmsghdr) / 4
    const vector = (place.receiveVectors + i * sizes.iovec) / 4
    point(arena, vector, low + place.buffers + i * bufferStride)
    words[vector + 2] = receiveRoom
    point(arena, head + header.name, low + place.names + i * nameRoom)
    point(arena, head + header.vectors, low + place.receiveVectors + i * sizes.iovec)
    words[head + header.vectorCount] = 1
    point(arena, head + header.control, low + place.receiveControls + i * receiveControlRoom)
    resetReceive(words, head)
  }
  for (let i = 0; i < maxMessages; i++) {
    const head = (place.sendHeaders + i * sizes.mmsghdr) / 4
    const control = (place.sendControls + i * sendControlRoom) / 4
    words[head + header.name + 1] = addressesHigh
    words[head + header.nameLength] = sizes.sockaddrIn6
    words[head + header.vectors + 1] = arena.high
    point(arena, head + header.control, low + place.sendControls + i * sendControlRoom)
    words[(place.sendVectors + i * sizes.iovec) / 4 + 1] = arena.high
    words[control] = sizes.cmsghdr + 2
    words[control + 2] = linux.SOL_UDP
    words[control + 3] = linux.UDP_SEGMENT
  }
  words[place.oneVector / 4 + 1] = arena.high
}

/** What the kernel overwrote with lengths. */
export function resetReceive(words: Uint32Array, head: number): void {
  words[head + header.nameLength] = sizes.sockaddrIn6
  words[head + header.controlLength] = receiveControlRoom
}

/** The size of the segments that the kernel merged, or the whole length where it merged none. */
export function segmentSize(words: Uint32Array, message: number, head: number, length: number): number {
  if ((words[head + header.controlLength] ?? 0) < sizes.cmsghdr + 4) return length
  const control = (place.receiveControls + message * receiveControlRoom) / 4
  return words[control + 3] === linux.UDP_GRO ? (words[control + 4] ?? length) : length
}

/** Word of a received datagram's source. */
export function nameWord(message: number): number {
  return (place.names + message * nameRoom) / 4
}

/** Has message `message` of the send ring say its segments' size; 0: it is one datagram. */
export function setSegmentSize(arena: Arena, message: number, size: number): void {
  arena.words[(place.sendHeaders + message * sizes.mmsghdr) / 4 + header.controlLength] = size === 0 ? 0 : segmentControlBytes
  if (size !== 0) arena.halves[(place.sendControls + message * sendControlRoom + sizes.cmsghdr) / 2] = size
}

/** The segments' size that `setSegmentSize` gave. */
export function sentSegmentSize(arena: Arena, message: number): number {
  return arena.halves[(place.sendControls + message * sendControlRoom + sizes.cmsghdr) / 2] ?? 0
}
