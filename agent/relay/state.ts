import type { Millis, RandomBytes } from '../../lib/clock.ts'
import type { KeyPair, SharedKeys } from '../../protocol/disco/index.ts'
import type { AllocationStore } from './allocation.ts'
import type { MacSecrets } from './mac.ts'
import type { KnownNodes } from './network.ts'
import type { SourceRate } from './rate.ts'
import type { DropCounters, DropReason, EndKind } from './reasons.ts'
import type { Refusal, RelayCommand, RelayConfig } from './types.ts'

/** All of a relay's state; the functions of this folder work on it, `createRelay` alone makes it. */
export interface RelayState {
  readonly random: RandomBytes
  /** Sealed to by clients on the relay's port; made by the relay, other than its node's disco key. */
  readonly serverDisco: KeyPair
  /** The node's own disco key: requests over DERP are sealed to it. */
  readonly nodeDisco: KeyPair
  /** Shared with `nodeDisco`; bounded by its own limit. */
  readonly nodeShared: SharedKeys
  readonly secrets: MacSecrets
  readonly allocations: AllocationStore
  readonly rate: SourceRate
  readonly counters: DropCounters
  lamportId: bigint
  config: RelayConfig
  known: KnownNodes
  nextExpiry: Millis
  nextSweep: Millis
  /** The earliest end of a drain; Infinity: none. */
  nextDrainEnd: Millis
  /** Bounded: `maxEndedVnis`, the oldest goes first. */
  readonly ended: Map<number, EndKind>
  /** Bounded: `maxRefusals`, the oldest goes first. */
  readonly refusals: Refusal[]
  /** Bounded by the work of one input: the loop drains it after each. */
  readonly commands: RelayCommand[]
  nextCommand: number
  /** Counts changes of what `saved()` gives. */
  revision: number
}

export function drop(state: RelayState, reason: DropReason): undefined {
  state.counters[reason]++
  return undefined
}
