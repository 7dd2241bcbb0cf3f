import type { Arena } from './arena.ts'
import { createFragments } from './fragments.ts'
import type { Libc } from './libc.ts'
import { linux, sizes } from './linux.ts'
import { header, place, sentSegmentSize, withoutSegments } from './rings.ts'
import { total } from './shared.ts'

/** What the kernel says where a route takes no segments of this size, or its device no segmentation at all. */
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
  /** Which families may be sent in fragments until the batch ends: each change costs as much as a datagram. */
  const allowed = { ipv4: false, ipv6: false }
  const allow = (family: 'ipv4' | 'ipv6', on: boolean): void => {
    if (allowed[family] === on) return
    fragments.allow(family, on)
    allowed[family] = on
  }

  /** One datagram, whose header is at `at`, did not go out as it is. `length`: of one that is a part of its message. */
  const sendAnyway = (message: number, at: number, errno: number, length?: number): void => {
    if (errno === linux.EAGAIN) return unsent(message, length)
    if (errno !== linux.EMSGSIZE) return fail(1)
    tooBig(message)
    allow(familyOf(message), true)
    if (send(at, 1) >= 0) return
    if (libc.errno() === linux.EAGAIN) unsent(message, length)
    else fail(1)
  }

  /** Every segment of a message as a datagram of its own, from a header beside the ring. */
  const sendApart = (message: number): void => {
    const from = (place.sendHeaders + message * sizes.mmsghdr) / 4
    const one = place.oneHeader / 4
    words.copyWithin(one, from, from + header.words)
    words[one + header.vectors] = arena.low + place.oneVector
    words[one + header.vectors + 1] = arena.high
    words[one + header.vectorCount] = 1
    withoutSegments(words, one)
    const size = sentSegmentSize(arena, message)
    const first = ((words[from + header.vectors] ?? 0) - arena.low) / 4
    for (let i = 0; i < (words[from + header.vectorCount] ?? 0); i++) {
      const vector = first + i * (sizes.iovec / 4)
      const length = words[vector + 2] ?? 0
      for (let at = 0; at < length; at += size) {
        words[place.oneVector / 4] = (words[vector] ?? 0) + at
        words[place.oneVector / 4 + 2] = Math.min(size, length - at)
        if (send(place.oneHeader, 1) < 0) sendAnyway(message, place.oneHeader, libc.errno(), words[place.oneVector / 4 + 2])
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
      if (sentSegmentSize(arena, next) !== 0 && notInOne.has(errno)) sendApart(next)
      else sendAnyway(next, place.sendHeaders + next * sizes.mmsghdr, errno)
      next++
    }
    allow('ipv4', false)
    allow('ipv6', false)
  }
}
