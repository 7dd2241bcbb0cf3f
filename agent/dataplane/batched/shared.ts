import type { MessagePort } from 'node:worker_threads'
import type { Leg } from '../../relay/index.ts'
import { bucketNumbers, type LegBuckets } from '../rate-limits.ts'

/** Sessions that a plane forwards by itself; more go through the core, packet by packet. */
export const maxSlots = 65_536

/** Places in a slot's counters; numbers that only grow. */
export const counter = { packetsFromA: 0, bytesFromA: 1, packetsFromB: 2, bytesFromB: 3, tooBigFromA: 4, tooBigFromB: 5 } as const
/** So that one slot's are on one line of the cache. */
export const countersPerSlot = 8

/** Places in a worker's totals. */
export const total = { packetsIn: 0, bytesIn: 1, packetsOut: 2, bytesOut: 3, congestionDrops: 4, socketErrors: 5, controlDrops: 6, shareDrops: 7, rateDrops: 8, tooBig: 9 } as const
export const totalCount = 10

/** Places in a worker's signals, which end with it. */
export const signal = { stop: 0, controlWaiting: 1 } as const
export const signalBytes = 8

/** Datagrams on their way up; more of a flood are dropped, so that the main thread is never behind by more. */
export const maxControlWaiting = 1024

/** What a worker writes and the main thread reads without asking. A worker's successor goes on with it. */
export interface WorkerMemory {
  readonly counters: SharedArrayBuffer
  readonly totals: SharedArrayBuffer
  /** Of rates: all workers have the same, as a client's sessions may be on several. */
  readonly buckets: SharedArrayBuffer
}

/** Nothing of it is memory before it is used. */
export const bucketBytes = bucketNumbers(2 * maxSlots) * 8

export function createWorkerMemory(buckets: SharedArrayBuffer): WorkerMemory {
  return {
    counters: new SharedArrayBuffer(maxSlots * countersPerSlot * 8),
    totals: new SharedArrayBuffer(totalCount * 8),
    buckets,
  }
}

/** `address`: a sockaddr_in6. */
export type WorkerCommand =
  | { readonly type: 'bind'; readonly vni: number; readonly slot: number; readonly leg: Leg; readonly address: Uint8Array }
  | { readonly type: 'limit'; readonly vni: number; readonly leg: Leg; readonly buckets: LegBuckets }
  | { readonly type: 'gentle' | 'unbind'; readonly vni: number }

/** Datagrams of one batch that are not forwarded. */
export type ControlBatch = readonly { readonly from: Uint8Array; readonly bytes: Uint8Array }[]

export interface WorkerInput {
  readonly nativePath: string
  readonly priority: number | undefined
  readonly fd: number
  readonly memory: WorkerMemory
  readonly signals: SharedArrayBuffer
  /** Lists of `WorkerCommand`. */
  readonly commands: MessagePort
}
