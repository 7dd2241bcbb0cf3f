import type { Arena } from './arena.ts'
import { linux, sizes } from './linux.ts'

/** Datagrams, or what the kernel merged of up to 64 each, of one call. Between 8 and 32 it matters little. */
export const batch = 32
/** The most segments that every kernel takes in one message. */
export const maxSegments = 64
/** The most that it gives in one: newer ones merge more for a socket of this machine. */
const maxReceivedSegments = 128
/** The most bytes of one message, below what an IP packet holds. */
export const maxMessageBytes = 65_000
/** Every segment of a batch may be for another session. */
export const maxMessages = batch * maxReceivedSegments

/** A multiple of the page size would put all buffers' beginnings on the same lines of the cache. */
const receiveRoom = 65_536
export const bufferStride = receiveRoom + 192

const nameRoom = 32
const receiveControlRoom = 64
/** A control message with one number, as aligned. */
const controlBytes = sizes.cmsghdr + 8
/** The segments' size, then the traffic class; a message that has the latter alone begins there. */
const sendControlRoom = 64

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
    words[head + header.control + 1] = arena.high
    words[(place.sendVectors + i * sizes.iovec) / 4 + 1] = arena.high
    words[control] = sizes.cmsghdr + 2
    words[control + 2] = linux.SOL_UDP
    words[control + 3] = linux.UDP_SEGMENT
    words[control + controlBytes / 4] = sizes.cmsghdr + 4
  }
  words[place.oneVector / 4 + 1] = arena.high
}

/** What the kernel overwrote with lengths. */
export function resetReceive(words: Uint32Array, head: number): void {
  words[head + header.nameLength] = sizes.sockaddrIn6
  words[head + header.controlLength] = receiveControlRoom
}

/** What the kernel told beside a datagram. */
export interface Beside {
  /** Of the segments that it merged; the whole length where it merged none. */
  size: number
  /** DSCP and ECN, as one byte. */
  trafficClass: number
}

/** Reads the control messages of message `message` into `beside`. */
export function readBeside(words: Uint32Array, message: number, head: number, length: number, beside: Beside): void {
  beside.size = length
  beside.trafficClass = 0
  let at = (place.receiveControls + message * receiveControlRoom) / 4
  const end = at + (words[head + header.controlLength] ?? 0) / 4
  while (at + sizes.cmsghdr / 4 < end) {
    const level = words[at + 2]
    const type = words[at + 3]
    const value = words[at + 4] ?? 0
    if (level === linux.SOL_UDP && type === linux.UDP_GRO) beside.size = value
    else if ((level === linux.IPPROTO_IP && type === linux.IP_TOS) || (level === linux.IPPROTO_IPV6 && type === linux.IPV6_TCLASS)) beside.trafficClass = value & 0xff
    at += Math.max(controlBytes, ((words[at] ?? 0) + 7) & ~7) / 4
  }
}

/** Word of a received datagram's source. */
export function nameWord(message: number): number {
  return (place.names + message * nameRoom) / 4
}

/** Has message `message` of the send ring say its segments' size (0: it is one datagram) and its traffic class (0: none is said). */
export function setBeside(arena: Arena, message: number, size: number, trafficClass: number, isIPv4: boolean): void {
  const { words } = arena
  const head = (place.sendHeaders + message * sizes.mmsghdr) / 4
  const control = place.sendControls + message * sendControlRoom
  arena.halves[(control + sizes.cmsghdr) / 2] = size
  if (trafficClass !== 0) {
    const second = (control + controlBytes) / 4
    words[second + 2] = isIPv4 ? linux.IPPROTO_IP : linux.IPPROTO_IPV6
    words[second + 3] = isIPv4 ? linux.IP_TOS : linux.IPV6_TCLASS
    words[second + 4] = trafficClass
  }
  words[head + header.control] = arena.low + control + (size === 0 ? controlBytes : 0)
  words[head + header.controlLength] = (size === 0 ? 0 : controlBytes) + (trafficClass === 0 ? 0 : controlBytes)
}

/** The segments' size that `setBeside` gave. */
export function sentSegmentSize(arena: Arena, message: number): number {
  return arena.halves[(place.sendControls + message * sendControlRoom + sizes.cmsghdr) / 2] ?? 0
}

/** Of a copy of a segmented message's header: no segments, the class as it was. */
export function withoutSegments(words: Uint32Array, head: number): void {
  words[head + header.control] = (words[head + header.control] ?? 0) + controlBytes
  words[head + header.controlLength] = (words[head + header.controlLength] ?? 0) - controlBytes
}
