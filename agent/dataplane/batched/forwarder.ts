import { controlBit, headerBytes, protocolDisco, protocolWireGuard } from '../../../protocol/geneve/index.ts'
import type { Arena } from './arena.ts'
import type { FairShare } from './fair-share.ts'
import { createPacker } from './packer.ts'
import { batch, bufferStride, header, maxSegments, nameWord, place, readBeside, resetReceive, type Beside } from './rings.ts'
import { createRuns } from './runs.ts'
import { addressRoom, sessionRoom, stage, type SessionSlots } from './session-slots.ts'
import { counter, countersPerSlot, total } from './shared.ts'

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

/** Decides, for a batch at a time, what goes where. Allocates nothing; what it reads and writes is memory that it was given. */
export function createForwarder({ arena, addresses, sessions, share, counters, totals, up }: ForwarderOptions): Forwarder {
  const { bytes, words } = arena
  const known = addresses.words
  const { stages } = sessions
  const runs = createRuns()
  const packer = createPacker(arena, addresses, runs)
  /** Of the message that is being read. */
  const beside: Beside = { size: 0, trafficClass: 0 }
  /** Of the batch; an array, as a variable would be allocated anew each time. */
  const nowMs = new Float64Array(1)

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

  const count = (slot: number, leg: number, packets: number, length: number): void => {
    const at = slot * countersPerSlot + leg * 2
    counters[at] = (counters[at] ?? 0) + packets
    counters[at + 1] = (counters[at + 1] ?? 0) + length
  }
  const add = (which: number, amount: number): void => { totals[which] = (totals[which] ?? 0) + amount }

  /** Segments of one session, from `at` to `end`, out of message `message`: forwarded, dropped by a limit, or brought up. */
  const take = (message: number, vni: number, kind: number, at: number, end: number, segments: number): void => {
    const { size } = beside
    const slot = sessions.find(vni)
    const reached = slot < 0 ? 0 : (stages[slot] ?? 0)
    const isOpen = (reached & stage.both) === stage.both && !(kind === discoLow && (reached & stage.gentle) !== 0)
    const leg = isOpen ? sourceLeg(slot, nameWord(message)) : -1
    if (leg < 0) {
      for (let one = at; one < end; one += size) up(message, one, Math.min(size, end - one))
      return
    }
    if (share.isOn && !share.take(slot * 2 + leg, segments)) return add(total.shareDrops, segments)
    if (runs.isFull) return add(total.congestionDrops, segments)
    const fits = (reached & stage.limited) === 0 ? segments : sessions.admitted(slot, leg, segments, size, end - at, kind === discoLow, nowMs[0] ?? 0)
    if (fits < segments) add(total.rateDrops, segments - fits)
    if (fits === 0) return
    const length = fits < segments ? fits * size : end - at
    runs.add(slot * 2 + (1 - leg), at, length, size, fits, beside.trafficClass)
    count(slot, leg, fits, length)
  }

  /** Cuts what the kernel merged into what belongs together. Returns the number of datagrams. */
  const takeMessage = (message: number, begin: number, end: number): number => {
    const { size } = beside
    let datagrams = 0
    for (let at = begin, next = at; at < end; at = next) {
      next = Math.min(at + size, end)
      datagrams++
      const kind = next - at < headerBytes ? 0 : kindAt(at)
      if (kind === 0) {
        up(message, at, next - at)
        continue
      }
      let segments = 1
      const vni = vniAt(at)
      // The kernel merges by addresses and size: each segment says for itself whose it is.
      while (next < end && segments < maxSegments && end - next >= headerBytes && kindAt(next) === kind && vniAt(next) === vni) {
        next = Math.min(next + size, end)
        segments++
      }
      datagrams += segments - 1
      take(message, vni, kind, at, next, segments)
    }
    return datagrams
  }

  const readBatch = (messages: number): void => {
    let packetsIn = 0
    let bytesIn = 0
    runs.clear()
    for (let message = 0; message < messages; message++) {
      const head = place.receiveHeaders / 4 + message * header.words
      const length = words[head + header.length] ?? 0
      const begin = place.buffers + message * bufferStride
      readBeside(words, message, head, length, beside)
      resetReceive(words, head)
      bytesIn += length
      packetsIn += length === 0 ? 1 : takeMessage(message, begin, begin + length)
      if (length === 0) up(message, begin, 0)
    }
    add(total.packetsIn, packetsIn)
    add(total.bytesIn, bytesIn)
  }

  return {
    gather(messages, now) {
      nowMs[0] = now
      readBatch(Math.min(messages, batch))
      const packed = packer.pack()
      add(total.packetsOut, packer.packets)
      add(total.bytesOut, packer.bytes)
      return packed
    },
    unsent(message, one) {
      const to = packer.to[message] ?? 0
      const segments = one === undefined ? (packer.segments[message] ?? 0) : 1
      const length = one ?? packer.lengths[message] ?? 0
      count(to >> 1, 1 - (to & 1), -segments, -length)
      add(total.packetsOut, -segments)
      add(total.bytesOut, -length)
      add(total.congestionDrops, segments)
    },
    familyOf: packer.familyOf,
    tooBig(message) {
      const to = packer.to[message] ?? 0
      const at = (to >> 1) * countersPerSlot + counter.tooBigFromA + (1 - (to & 1))
      counters[at] = (counters[at] ?? 0) + 1
      add(total.tooBig, 1)
    },
  }
}
