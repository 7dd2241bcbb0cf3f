import type { Arena } from './arena.ts'
import { sizes } from './linux.ts'
import { maxSlots, type WorkerCommand } from './shared.ts'

/** Of a session: its two addresses, each in this room. */
export const addressRoom = 32
export const sessionRoom = 2 * addressRoom

const pageBits = 12
const pageMask = (1 << pageBits) - 1

/** How far a session is: which legs are bound, and whether it drains. */
export const stage = { a: 1, b: 2, both: 3, gentle: 4 } as const

export interface SessionSlots {
  /** -1: none. */
  find(vni: number): number
  /** By slot, bits of `stage`. */
  readonly stages: Uint8Array
  apply(command: WorkerCommand): void
}

/** A worker's view of the sessions: VNI to slot in two look-ups, as VNIs are given in order and pages of them fill up. */
export function createSessionSlots(addresses: Arena): SessionSlots {
  /** Bounded: 4,096 pages of 4,096 VNIs; a page without sessions is given back. */
  const pages: (Int32Array | undefined)[] = Array.from({ length: 1 << (24 - pageBits) }, () => undefined)
  const used = new Uint16Array(pages.length)
  const stages = new Uint8Array(maxSlots)
  const find = (vni: number): number => (pages[vni >> pageBits]?.[vni & pageMask] ?? 0) - 1
  return {
    find,
    stages,
    apply(command) {
      const at = command.vni >> pageBits
      const slot = find(command.vni)
      if (command.type === 'bind') {
        const page = (pages[at] ??= new Int32Array(1 << pageBits))
        if (slot !== command.slot) {
          if (slot < 0) used[at] = (used[at] ?? 0) + 1
          page[command.vni & pageMask] = command.slot + 1
          stages[command.slot] = 0
        }
        addresses.bytes.set(command.address.subarray(0, sizes.sockaddrIn6), command.slot * sessionRoom + command.leg * addressRoom)
        stages[command.slot] = (stages[command.slot] ?? 0) | (command.leg === 0 ? stage.a : stage.b)
      } else if (slot >= 0) {
        if (command.type === 'gentle') stages[slot] = (stages[slot] ?? 0) | stage.gentle
        else {
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
