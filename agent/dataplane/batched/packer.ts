import type { Arena } from './arena.ts'
import { sizes } from './linux.ts'
import { header, maxMessageBytes, maxMessages, maxSegments, place, setBeside } from './rings.ts'
import type { Runs } from './runs.ts'
import { addressRoom, sessionRoom } from './session-slots.ts'

/** Bytes 8 to 11 of ::ffff:0:0/96, as a word of this machine. */
const v4MappedWord = 0xffff_0000

/** What the send ring holds of a batch. */
export interface Packer {
  /** Writes the send ring: each chain's runs in as few messages as the kernel takes. Returns their number. */
  pack(): number
  /** Of the last batch. */
  readonly packets: number
  readonly bytes: number
  /** By message, its destination (`slot * 2 + leg`), datagrams and bytes. */
  readonly to: Int32Array
  readonly segments: Int32Array
  readonly lengths: Int32Array
  familyOf(message: number): 'ipv4' | 'ipv6'
}

/** `addresses`: of the sessions, by slot. */
export function createPacker(arena: Arena, addresses: Arena, runs: Runs): Packer {
  const { words } = arena
  const known = addresses.words
  const sentTo = new Int32Array(maxMessages)
  const sentSegments = new Int32Array(maxMessages)
  const sentBytes = new Int32Array(maxMessages)
  const { at: runAt, length: runLength, size: runSize, segments: runSegments, trafficClass: runClass, next: runNext, chainFirst, chainTo } = runs
  let packets = 0
  let bytes = 0

  const isIPv4 = (to: number): boolean => {
    const address = ((to >> 1) * sessionRoom + (to & 1) * addressRoom) / 4
    return known[address + 4] === v4MappedWord && known[address + 3] === 0 && known[address + 2] === 0
  }

  /** Whether a run fits behind others of one message: segments of one size and class, but for a last one that may be shorter. */
  const fitsBehind = (run: number, size: number, trafficClass: number, length: number, segments: number): boolean => {
    const own = runSegments[run] ?? 0
    const ownLength = runLength[run] ?? 0
    return runClass[run] === trafficClass && length === size * segments && segments + own <= maxSegments && length + ownLength <= maxMessageBytes
      && (runSize[run] === size || (own === 1 && ownLength < size))
  }

  return {
    pack() {
      const { chains } = runs
      let messages = 0
      let vectors = 0
      packets = 0
      bytes = 0
      for (let chain = 0; chain < chains; chain++) {
        const to = chainTo[chain] ?? 0
        for (let run = chainFirst[chain] ?? -1; run >= 0;) {
          const size = runSize[run] ?? 0
          const trafficClass = runClass[run] ?? 0
          const firstVector = vectors
          let length = 0
          let segments = 0
          do {
            const vector = place.sendVectors / 4 + vectors * (sizes.iovec / 4)
            words[vector] = arena.low + (runAt[run] ?? 0)
            words[vector + 2] = runLength[run] ?? 0
            vectors++
            length += runLength[run] ?? 0
            segments += runSegments[run] ?? 0
            run = runNext[run] ?? -1
          } while (run >= 0 && fitsBehind(run, size, trafficClass, length, segments))
          const head = place.sendHeaders / 4 + messages * header.words
          words[head + header.name] = addresses.low + (to >> 1) * sessionRoom + (to & 1) * addressRoom
          words[head + header.vectors] = arena.low + place.sendVectors + firstVector * sizes.iovec
          words[head + header.vectorCount] = vectors - firstVector
          setBeside(arena, messages, segments > 1 ? size : 0, trafficClass, isIPv4(to))
          sentTo[messages] = to
          sentSegments[messages] = segments
          sentBytes[messages] = length
          messages++
          packets += segments
          bytes += length
        }
      }
      return messages
    },
    get packets() { return packets },
    get bytes() { return bytes },
    to: sentTo, segments: sentSegments, lengths: sentBytes,
    familyOf: (message) => (isIPv4(sentTo[message] ?? 0) ? 'ipv4' : 'ipv6'),
  }
}
