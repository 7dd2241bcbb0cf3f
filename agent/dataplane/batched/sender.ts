import type { Arena } from './arena.ts'
import type { Libc } from './libc.ts'
import { linux, sizes } from './linux.ts'
import { header, place, sentSegmentSize } from './rings.ts'
import { total } from './shared.ts'

/** What the kernel says where a route takes no segments of this size, or its device no segmentation at all. */
const notInOne = new Set<number>([linux.EMSGSIZE, linux.EINVAL, linux.EIO])

export interface SenderOptions {
  readonly libc: Libc
  readonly fd: number
  readonly arena: Arena
  readonly totals: Float64Array
  /** The system took no more: message `message` is lost, as in a full buffer. */
  readonly unsent: (message: number) => void
}

/** Sends the first `messages` of the send ring; never waits. */
export function createSender({ libc, fd, arena, totals, unsent }: SenderOptions): (messages: number) => void {
  const { words } = arena
  const send = (at: number, messages: number): number => libc.sendmmsg(fd, arena.address + at, messages, linux.MSG_DONTWAIT)

  const fail = (): void => { totals[total.socketErrors] = (totals[total.socketErrors] ?? 0) + 1 }

  /** Every segment of a message as a datagram of its own, from a header beside the ring. */
  const sendApart = (message: number): void => {
    const from = (place.sendHeaders + message * sizes.mmsghdr) / 4
    const one = place.oneHeader / 4
    words.copyWithin(one, from, from + header.words)
    words[one + header.vectors] = arena.low + place.oneVector
    words[one + header.vectors + 1] = arena.high
    words[one + header.vectorCount] = 1
    words[one + header.controlLength] = 0
    const size = sentSegmentSize(arena, message)
    const first = ((words[from + header.vectors] ?? 0) - arena.low) / 4
    for (let i = 0; i < (words[from + header.vectorCount] ?? 0); i++) {
      const vector = first + i * (sizes.iovec / 4)
      const length = words[vector + 2] ?? 0
      for (let at = 0; at < length; at += size) {
        words[place.oneVector / 4] = (words[vector] ?? 0) + at
        words[place.oneVector / 4 + 2] = Math.min(size, length - at)
        if (send(place.oneHeader, 1) < 0) fail()
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
      const isSegmented = words[(place.sendHeaders + next * sizes.mmsghdr) / 4 + header.controlLength] !== 0
      if (errno === linux.EINTR) continue
      if (isSegmented && notInOne.has(errno)) sendApart(next)
      else if (errno === linux.EAGAIN) unsent(next)
      else fail()
      next++
    }
  }
}
