import { controlBit, headerBytes, protocolDisco, protocolWireGuard } from '../../../protocol/geneve/index.ts'
import type { Arena } from './arena.ts'
import type { FairShare } from './fair-share.ts'
import { sizes } from './linux.ts'
import {
  batch, bufferStride, header, maxMessageBytes, maxMessages, maxSegments, nameWord, place, readBeside, resetReceive, setBeside, type Beside,
} from './rings.ts'
import { addressRoom, sessionRoom, stage, type SessionSlots } from './session-slots.ts'
import { counter, countersPerSlot, maxSlots, total } from './shared.ts'

export interface Forwarder {
  /**
   * Reads the first `count` messages of the receive ring and writes the send ring: datagrams of one destination in one
   * message as far as the kernel takes it. Counts what it hands over. Returns the number of messages to send. `now`: ms,
   * of a clock that all workers have.
   */
  gather(count: number, now: number): number
  /** Message `message`, or one datagram of it with `length` bytes, was not sent: what was counted of it is taken back. */
  unsent(message: number, length?: number): void
  /** A datagram of message `message` was larger than the way's MTU. */
  tooBig(message: number): void
  familyOf(message: number): 'ipv4' | 'ipv6'
}

export interface ForwarderOptions {
  readonly arena: Arena
  /** The sessions' addresses, by slot. */
  readonly addresses: Arena
  readonly sessions: SessionSlots
  /** By session and leg: `slot * 2 + leg`. */
  readonly share: FairShare
  readonly counters: Float64Array
  readonly totals: Float64Array
  /** A datagram that is not forwarded: `length` bytes at `at`, from the source of message `message`. */
  readonly up: (message: number, at: number, length: number) => void
}

const wireGuardHigh = protocolWireGuard >> 8
const wireGuardLow = protocolWireGuard & 0xff
const discoLow = protocolDisco & 0xff
/** What a stamp can hold: with 300,000 batches a second it is reached in four hours. */
const lastGeneration = 0xffff_ffff
/** Bytes 8 to 11 of ::ffff:0:0/96, as a word of this machine. */
const v4MappedWord = 0xffff_0000

/** Decides, for a batch at a time, what goes where. Allocates nothing; what it reads and writes is memory that it was given. */
export function createForwarder({ arena, addresses, sessions, share, counters, totals, up }: ForwarderOptions): Forwarder {
  const { bytes, words } = arena
  const known = addresses.words
  const { stages } = sessions
  // Runs: neighbouring segments of one datagram's buffer with one destination; chained by destination within the batch.
  const runAt = new Int32Array(maxMessages)
  const runLength = new Int32Array(maxMessages)
  const runSize = new Int32Array(maxMessages)
  const runSegments = new Int32Array(maxMessages)
  const runClass = new Uint8Array(maxMessages)
  const runNext = new Int32Array(maxMessages)
  const chainFirst = new Int32Array(maxMessages)
  const chainLast = new Int32Array(maxMessages)
  const chainTo = new Int32Array(maxMessages)
  /** By destination (slot and leg): in which batch it last had a chain, and which. */
  const stamps = new Uint32Array(maxSlots * 2)
  const chainOf = new Uint16Array(maxSlots * 2)
  let generation = 0
  const beside: Beside = { size: 0, trafficClass: 0 }
  const sentTo = new Int32Array(maxMessages)
  const sentSegments = new Int32Array(maxMessages)
  const sentBytes = new Int32Array(maxMessages)

  /** WireGuard's low byte, disco's, or 0 for what is not forwarded. */
  const kindAt = (at: number): number => {
    if (bytes[at] !== 0 || ((bytes[at + 1] ?? 0) & controlBit) !== 0 || bytes[at + 2] !== wireGuardHigh) return 0
    const low = bytes[at + 3] ?? 0
    return low === wireGuardLow || low === discoLow ? low : 0
  }
  const vniAt = (at: number): number => ((bytes[at + 4] ?? 0) << 16) | ((bytes[at + 5] ?? 0) << 8) | (bytes[at + 6] ?? 0)

  /** The flow label of an address is no part of it; its port shares the first word with the family. */
  const isFrom = (name: number, address: number): boolean =>
    words[name] === known[address] && words[name + 5] === known[address + 5] && words[name + 4] === known[address + 4]
    && words[name + 3] === known[address + 3] && words[name + 2] === known[address + 2]

  const sourceLeg = (slot: number, name: number): number => {
    const address = (slot * sessionRoom) / 4
    if (isFrom(name, address)) return 0
    return isFrom(name, address + addressRoom / 4) ? 1 : -1
  }

  const isIPv4 = (to: number): boolean => {
    const address = ((to >> 1) * sessionRoom + (to & 1) * addressRoom) / 4
    return known[address + 4] === v4MappedWord && known[address + 3] === 0 && known[address + 2] === 0
  }

  const count = (slot: number, leg: number, packets: number, length: number): void => {
    const at = slot * countersPerSlot + leg * 2
    counters[at] = (counters[at] ?? 0) + packets
    counters[at + 1] = (counters[at + 1] ?? 0) + length
  }
  const add = (which: number, amount: number): void => { totals[which] = (totals[which] ?? 0) + amount }

  /** Returns the number of chains. */
  const readBatch = (messages: number, now: number): number => {
    let runs = 0
    let chains = 0
    let packetsIn = 0
    let bytesIn = 0
    if (generation === lastGeneration) {
      stamps.fill(0)
      generation = 0
    }
    generation++
    for (let message = 0; message < messages; message++) {
      const head = place.receiveHeaders / 4 + message * header.words
      const length = words[head + header.length] ?? 0
      readBeside(words, message, head, length, beside)
      const { size, trafficClass } = beside
      resetReceive(words, head)
      const name = nameWord(message)
      const begin = place.buffers + message * bufferStride
      const end = begin + length
      bytesIn += length
      if (length === 0) {
        packetsIn++
        up(message, begin, 0)
      }
      for (let at = begin; at < end;) {
        let next = Math.min(at + size, end)
        let segments = 1
        const kind = next - at < headerBytes ? 0 : kindAt(at)
        if (kind === 0) {
          packetsIn++
          up(message, at, next - at)
          at = next
          continue
        }
        const vni = vniAt(at)
        // The kernel merges by addresses and size: each segment says for itself whose it is.
        while (next < end && segments < maxSegments && end - next >= headerBytes && kindAt(next) === kind && vniAt(next) === vni) {
          next = Math.min(next + size, end)
          segments++
        }
        packetsIn += segments
        const slot = sessions.find(vni)
        const reached = slot < 0 ? 0 : (stages[slot] ?? 0)
        const isOpen = (reached & stage.both) === stage.both && !(kind === discoLow && (reached & stage.gentle) !== 0)
        const leg = isOpen ? sourceLeg(slot, name) : -1
        if (leg < 0) {
          for (let one = at; one < next; one += size) up(message, one, Math.min(size, next - one))
          at = next
          continue
        }
        if (share.isOn && !share.take(slot * 2 + leg, segments)) {
          add(total.shareDrops, segments)
          at = next
          continue
        }
        if (runs === maxMessages) {
          add(total.congestionDrops, segments)
          at = next
          continue
        }
        let passed = next
        if ((reached & stage.limited) !== 0) {
          const fits = sessions.admitted(slot, leg, segments, size, next - at, kind === discoLow, now)
          if (fits < segments) {
            add(total.rateDrops, segments - fits)
            segments = fits
            passed = at + fits * size
          }
          if (fits === 0) {
            at = next
            continue
          }
        }
        const to = slot * 2 + (1 - leg)
        runAt[runs] = at
        runLength[runs] = passed - at
        runSize[runs] = size
        runSegments[runs] = segments
        runClass[runs] = trafficClass
        runNext[runs] = -1
        if (stamps[to] === generation) {
          const chain = chainOf[to] ?? 0
          runNext[chainLast[chain] ?? 0] = runs
          chainLast[chain] = runs
        } else {
          stamps[to] = generation
          chainOf[to] = chains
          chainFirst[chains] = runs
          chainLast[chains] = runs
          chainTo[chains] = to
          chains++
        }
        count(slot, leg, segments, passed - at)
        runs++
        at = next
      }
    }
    add(total.packetsIn, packetsIn)
    add(total.bytesIn, bytesIn)
    return chains
  }

  /** Packs each chain's runs: segments of one size and class, but for a last one that may be shorter. */
  const writeBatch = (chains: number): number => {
    let messages = 0
    let vectors = 0
    let packetsOut = 0
    let bytesOut = 0
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
        } while (run >= 0 && runClass[run] === trafficClass && length === size * segments && segments + (runSegments[run] ?? 0) <= maxSegments && length + (runLength[run] ?? 0) <= maxMessageBytes
          && (runSize[run] === size || (runSegments[run] === 1 && (runLength[run] ?? 0) < size)))
        const head = place.sendHeaders / 4 + messages * header.words
        words[head + header.name] = addresses.low + (to >> 1) * sessionRoom + (to & 1) * addressRoom
        words[head + header.vectors] = arena.low + place.sendVectors + firstVector * sizes.iovec
        words[head + header.vectorCount] = vectors - firstVector
        setBeside(arena, messages, segments > 1 ? size : 0, trafficClass, isIPv4(to))
        sentTo[messages] = to
        sentSegments[messages] = segments
        sentBytes[messages] = length
        messages++
        packetsOut += segments
        bytesOut += length
      }
    }
    add(total.packetsOut, packetsOut)
    add(total.bytesOut, bytesOut)
    return messages
  }

  return {
    gather: (messages, now) => writeBatch(readBatch(Math.min(messages, batch), now)),
    unsent(message, one) {
      const to = sentTo[message] ?? 0
      const segments = one === undefined ? (sentSegments[message] ?? 0) : 1
      const length = one ?? sentBytes[message] ?? 0
      count(to >> 1, 1 - (to & 1), -segments, -length)
      add(total.packetsOut, -segments)
      add(total.bytesOut, -length)
      add(total.congestionDrops, segments)
    },
    familyOf: (message) => (isIPv4(sentTo[message] ?? 0) ? 'ipv4' : 'ipv6'),
    tooBig(message) {
      const to = sentTo[message] ?? 0
      const at = (to >> 1) * countersPerSlot + counter.tooBigFromA + (1 - (to & 1))
      counters[at] = (counters[at] ?? 0) + 1
    },
  }
}
