import type { Clock, Millis } from '../../../lib/clock.ts'
import { TokenBucket } from '../../../lib/token-bucket.ts'
import type { ClientReport } from '../../services/node/report-client.ts'

/** Clients send bursts at their start and when their network changes (spec/coordination.md §10). */
const rate = { perSecond: 0.5, burst: 30 } as const

interface Waiter {
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** What one node says, one after the other. */
interface Turn {
  readonly bucket: TokenBucket
  /** Not written yet: what came last of each. */
  waiting: ClientReport | undefined
  waiters: Waiter[]
  isRunning: boolean
  /** What waits need not wait for the rate. */
  isUrgent: boolean
  timer: NodeJS.Timeout | undefined
}

export interface ReportsOptions {
  /** Resolves once it is durable, and visible to those whom it concerns. */
  readonly write: (nodeId: number, report: ClientReport) => Promise<void>
  readonly clock: Clock
}

/** Takes what nodes say of themselves in order; what a node says beyond its rate, or while the last is being written, is taken together. */
export class Reports {
  readonly #options: ReportsOptions
  /** Bounded: one per node that said something in the last minute; `forget` takes the others away. */
  readonly #turns = new Map<number, Turn>()

  constructor(options: ReportsOptions) {
    this.#options = options
  }

  /** Resolves once it, or something newer, is written; when `signal` aborts before it begins, it is forgotten. `urgent`: it need not wait for the rate. */
  take(nodeId: number, report: ClientReport, { signal, urgent = false }: { readonly signal?: AbortSignal; readonly urgent?: boolean } = {}): Promise<void> {
    const turn = this.#turnOf(nodeId)
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { done: resolve, failed: reject }
      turn.waiting = { ...turn.waiting, ...report }
      turn.waiters.push(waiter)
      turn.isUrgent ||= urgent
      signal?.addEventListener('abort', () => {
        const at = turn.waiters.indexOf(waiter)
        if (at < 0) return
        turn.waiters.splice(at, 1)
        // A newer one follows.
        if (turn.waiters.length === 0) turn.waiting = undefined
        resolve()
      }, { once: true })
      this.#start(nodeId, turn)
    })
  }

  /** Called now and then: forgets nodes that have said nothing for a while. */
  forget(now: Millis): void {
    for (const [nodeId, { bucket, isRunning, timer }] of this.#turns) if (!isRunning && timer === undefined && bucket.isFull(now)) this.#turns.delete(nodeId)
  }

  dispose(): void {
    for (const { timer } of this.#turns.values()) clearTimeout(timer)
    this.#turns.clear()
  }

  #turnOf(nodeId: number): Turn {
    const known = this.#turns.get(nodeId)
    if (known !== undefined) return known
    const made: Turn = { bucket: new TokenBucket(rate, this.#options.clock.now()), waiting: undefined, waiters: [], isRunning: false, isUrgent: false, timer: undefined }
    this.#turns.set(nodeId, made)
    return made
  }

  #start(nodeId: number, turn: Turn): void {
    if (turn.isRunning || turn.waiting === undefined) return
    if (!turn.bucket.take(1, this.#options.clock.now()) && !turn.isUrgent) {
      turn.timer ??= setTimeout(() => {
        turn.timer = undefined
        this.#start(nodeId, turn)
      }, 1000 / rate.perSecond)
      return
    }
    void this.#run(nodeId, turn)
  }

  async #run(nodeId: number, turn: Turn): Promise<void> {
    const { waiting = {}, waiters } = turn
    turn.waiting = undefined
    turn.waiters = []
    turn.isRunning = true
    turn.isUrgent = false
    try {
      await this.#options.write(nodeId, waiting)
      for (const { done } of waiters) done()
    } catch (error) {
      for (const { failed } of waiters) failed(error)
    }
    turn.isRunning = false
    this.#start(nodeId, turn)
  }
}
