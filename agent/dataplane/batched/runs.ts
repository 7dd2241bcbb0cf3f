import { maxMessages } from './rings.ts'
import { maxSlots } from './shared.ts'

/** The largest small integer, beyond which each batch would allocate a number: with 300,000 batches a second it is reached in two hours. */
const lastGeneration = 0x7fff_ffff

/**
 * What one batch forwards. A run: neighbouring segments of one datagram's buffer with one destination (`slot * 2 + leg`);
 * a chain: the runs of one destination, in their order.
 */
export interface Runs {
  readonly at: Int32Array
  readonly length: Int32Array
  /** Of each segment; the last may be shorter. */
  readonly size: Int32Array
  readonly segments: Int32Array
  readonly trafficClass: Uint8Array
  /** The next run of the chain; -1: none. */
  readonly next: Int32Array
  readonly chainFirst: Int32Array
  readonly chainTo: Int32Array
  readonly chains: number
  readonly isFull: boolean
  /** Begins a batch. */
  clear(): void
  /** Not when full. */
  add(to: number, at: number, length: number, size: number, segments: number, trafficClass: number): void
}

/** `generation`: other than 0 in tests of its end. */
export function createRuns(generation = 0): Runs {
  const numbers = (): Int32Array => new Int32Array(maxMessages)
  const [runAt, runLength, runSize, runSegments] = [numbers(), numbers(), numbers(), numbers()]
  const [next, chainFirst, chainLast, chainTo] = [numbers(), numbers(), numbers(), numbers()]
  const classes = new Uint8Array(maxMessages)
  /** By destination: in which batch it last had a chain, and which. */
  const stamps = new Int32Array(maxSlots * 2)
  const chainOf = new Uint16Array(maxSlots * 2)
  let runs = 0
  let chains = 0
  return {
    at: runAt, length: runLength, size: runSize, segments: runSegments, trafficClass: classes, next, chainFirst, chainTo,
    get chains() { return chains },
    get isFull() { return runs === maxMessages },
    clear() {
      runs = 0
      chains = 0
      if (generation === lastGeneration) {
        stamps.fill(0)
        generation = 0
      }
      generation++
    },
    add(to, at, length, size, segments, trafficClass) {
      runAt[runs] = at
      runLength[runs] = length
      runSize[runs] = size
      runSegments[runs] = segments
      classes[runs] = trafficClass
      next[runs] = -1
      if (stamps[to] === generation) {
        const chain = chainOf[to] ?? 0
        next[chainLast[chain] ?? 0] = runs
        chainLast[chain] = runs
      } else {
        stamps[to] = generation
        chainOf[to] = chains
        chainFirst[chains] = runs
        chainLast[chains] = runs
        chainTo[chains] = to
        chains++
      }
      runs++
    },
  }
}
