import type { Arena } from './arena.ts'
import { admitted } from '../rate-limits.ts'
import { sizes } from './linux.ts'
import { maxSlots, type WorkerCommand } from './shared.ts'

/** Of a session: its two addresses, each in this room. */
export const addressRoom = 32
export const sessionRoom = 2 * addressRoom

const pageBits = 12
const pageMask = (1 << pageBits) - 1

/** How far a session is: which legs are bound, whether it drains, and whether a rate limits it. */
export const stage = { a: 1, b: 2, both: 3, gentle: 4, limited: 8 } as const

export interface SessionSlots {
  /** -1: none. */
  find(vni: number): number
  /** By slot, bits of `stage`. */
  readonly stages: Uint8Array
  /** How many of a run's datagrams a session that is `limited` may send from this leg: see `admitted`. */
  admitted(slot: number, leg: number, packets: number, size: number, length: number, isProbe: boolean, now: number): number
  apply(command: WorkerCommand): void
}

/** A worker's view of the sessions: VNI to slot in two look-ups, as VNIs are given in order and pages of them fill up. */
export function createSessionSlots(addresses: Arena, buckets: Float64Array): SessionSlots {
  /** Bounded: 4,096 pages of 4,096 VNIs; a page without sessions is given back. */
  const pages: (Int32Array | undefined)[] = Array.from({ length: 1 << (24 - pageBits) }, () => undefined)
  const used = new Uint16Array(pages.length)
  const stages = new Uint8Array(maxSlots)
  /** Two of each leg. */
  const places = new Uint32Array(maxSlots * 4)
  const find = (vni: number): number => (pages[vni >> pageBits]?.[vni & pageMask] ?? 0) - 1
  return {
    find,
    stages,
    admitted: (slot, leg, packets, size, length, isProbe, now) =>
      admitted(buckets, places[slot * 4 + leg * 2] ?? 0, places[slot * 4 + leg * 2 + 1] ?? 0, packets, size, length, isProbe, now),
    apply(command) {
      const at = command.vni >> pageBits
      const slot = find(command.vni)
      if (command.type === 'bind') {
        const page = (pages[at] ??= new Int32Array(1 << pageBits))
        if (slot !== command.slot) {
          if (slot < 0) used[at] = (used[at] ?? 0) + 1
          page[command.vni & pageMask] = command.slot + 1
          stages[command.slot] = 0
          places.fill(0, command.slot * 4, command.slot * 4 + 4)
        }
        addresses.bytes.set(command.address.subarray(0, sizes.sockaddrIn6), command.slot * sessionRoom + command.leg * addressRoom)
        stages[command.slot] = (stages[command.slot] ?? 0) | (command.leg === 0 ? stage.a : stage.b)
      } else if (slot >= 0) {
        if (command.type === 'gentle') stages[slot] = (stages[slot] ?? 0) | stage.gentle
        else if (command.type === 'limit') {
          places.set(command.buckets, slot * 4 + command.leg * 2)
          const isLimited = places.subarray(slot * 4, slot * 4 + 4).some((place) => place !== 0)
          stages[slot] = ((stages[slot] ?? 0) & ~stage.limited) | (isLimited ? stage.limited : 0)
        } else {
          stages[slot] = 0
          const page = pages[at]
          if (page) page[command.vni & pageMask] = 0
          used[at] = (used[at] ?? 1) - 1
          if (used[at] === 0) pages[at] = undefined
        }
      }
    },
  }
}
