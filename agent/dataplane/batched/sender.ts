import type { Arena } from './arena.ts'
import { createFragments } from './fragments.ts'
import type { Libc } from './libc.ts'
import { linux, sizes } from './linux.ts'
import { header, maxMessages, place, sentSegmentSize, withoutSegments } from './rings.ts'
import { total } from './shared.ts'

/** What the kernel says where a route takes no datagrams or segments of this size, or its device no segmentation at all. */
const notInOne = new Set<number>([linux.EMSGSIZE, linux.EINVAL, linux.EIO])

export interface SenderOptions {
  readonly libc: Libc
  readonly fd: number
  readonly arena: Arena
  readonly totals: Float64Array
  /** The system took no more: message `message`, or one datagram of it with `length` bytes, is lost, as in a full buffer. */
  readonly unsent: (message: number, length?: number) => void
  /** A datagram of message `message` is larger than the way's MTU. It is sent in fragments: counted, not silent. */
  readonly tooBig: (message: number) => void
  /** Where message `message` goes to. */
  readonly familyOf: (message: number) => 'ipv4' | 'ipv6'
}

/** Sends the first `messages` of the send ring; never waits. */
export function createSender({ libc, fd, arena, totals, unsent, tooBig, familyOf }: SenderOptions): (messages: number) => void {
  const { words } = arena
  const send = (at: number, messages: number): number => libc.sendmmsg(fd, arena.address + at, messages, linux.MSG_DONTWAIT)

  const fail = (datagrams: number): void => { totals[total.socketErrors] = (totals[total.socketErrors] ?? 0) + datagrams }

  const fragments = createFragments(libc, fd)
  /** Which families may be sent in fragments now. */
  const allowed = { ipv4: false, ipv6: false }
  const allow = (family: 'ipv4' | 'ipv6', on: boolean): void => {
    if (allowed[family] === on) return
    fragments.allow(family, on)
    allowed[family] = on
  }

  const one = place.oneHeader / 4
  const oneVector = place.oneVector / 4
  /** Makes the header beside the ring one of a single datagram of message `message`. */
  const prepareOne = (message: number): void => {
    const from = (place.sendHeaders + message * sizes.mmsghdr) / 4
    words.copyWithin(one, from, from + header.words)
    words[one + header.vectors] = arena.low + place.oneVector
    words[one + header.vectors + 1] = arena.high
    words[one + header.vectorCount] = 1
    if (sentSegmentSize(arena, message) !== 0) withoutSegments(words, one)
  }
  /** Returns 0, or why it was not sent. `low`: the lower word of its address. */
  const sendOne = (low: number, length: number): number => {
    words[oneVector] = low
    words[oneVector + 2] = length
    return send(place.oneHeader, 1) < 0 ? libc.errno() : 0
  }

  /**
   * Datagrams larger than their way, which wait for the end of the batch: while the socket sends fragments it refuses
   * nothing, so that others would not be counted, and each change of that costs as much as a datagram.
   */
  const large = { message: new Int32Array(maxMessages), low: new Uint32Array(maxMessages), length: new Int32Array(maxMessages), count: 0 }

  /** One datagram did not go out as it is. */
  const refused = (message: number, errno: number, low: number, length: number): void => {
    if (errno === linux.EAGAIN) return unsent(message, length)
    if (errno !== linux.EMSGSIZE) return fail(1)
    tooBig(message)
    large.message[large.count] = message
    large.low[large.count] = low
    large.length[large.count] = length
    large.count++
  }

  const sendLarge = (): void => {
    for (let i = 0; i < large.count; i++) {
      const message = large.message[i] ?? 0
      const length = large.length[i] ?? 0
      allow(familyOf(message), true)
      prepareOne(message)
      const errno = sendOne(large.low[i] ?? 0, length)
      if (errno === linux.EAGAIN) unsent(message, length)
      else if (errno !== 0) fail(1)
    }
    large.count = 0
    allow('ipv4', false)
    allow('ipv6', false)
  }

  /** Every datagram of a message by itself. */
  const sendApart = (message: number): void => {
    const from = (place.sendHeaders + message * sizes.mmsghdr) / 4
    prepareOne(message)
    // 0: it has one.
    const size = sentSegmentSize(arena, message) || Infinity
    const first = ((words[from + header.vectors] ?? 0) - arena.low) / 4
    for (let i = 0; i < (words[from + header.vectorCount] ?? 0); i++) {
      const vector = first + i * (sizes.iovec / 4)
      const length = words[vector + 2] ?? 0
      for (let at = 0; at < length; at += size) {
        const low = (words[vector] ?? 0) + at
        const part = Math.min(size, length - at)
        const errno = sendOne(low, part)
        if (errno !== 0) refused(message, errno, low, part)
      }
    }
  }

  return (messages) => {
    for (let next = 0; next < messages;) {
      const sent = send(place.sendHeaders + next * sizes.mmsghdr, messages - next)
      if (sent > 0) {
        next += sent
        continue
      }
      const errno = libc.errno()
      if (errno === linux.EINTR) continue
      if (notInOne.has(errno)) sendApart(next)
      else if (errno === linux.EAGAIN) unsent(next)
      else fail(1)
      next++
    }
    sendLarge()
  }
}
