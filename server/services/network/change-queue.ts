export type Change =
  | { readonly type: 'node'; readonly nodeId: number; readonly cause: string; readonly isRelay: boolean }
  | { readonly type: 'policy' | 'names' | 'all'; readonly cause: string }

const firstRetryMs = 100
const longestRetryMs = 2000

/** Takes changes in, in order and in batches: what comes while one is being taken is taken together. */
export class ChangeQueue {
  /** By what changed, its newest cause last. Bounded: two per node of the network, one each for the policy, the names and all nodes. */
  readonly #waiting = new Map<string, Change>()
  readonly #take: (changes: readonly Change[]) => Promise<void>
  readonly #onError: (error: unknown) => void
  #running: Promise<void> | undefined
  #isDisposed = false

  constructor(take: (changes: readonly Change[]) => Promise<void>, onError: (error: unknown) => void) {
    this.#take = take
    this.#onError = onError
  }

  add(change: Change): void {
    if (this.#isDisposed) return
    this.#put(change)
    this.#start()
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running
  }

  dispose(): void {
    this.#isDisposed = true
    this.#waiting.clear()
  }

  #start(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
      // What was added after the last look.
      if (this.#waiting.size > 0) this.#start()
    })
  }

  #put(change: Change): void {
    const key = change.type !== 'node' ? change.type : `${change.nodeId} ${change.isRelay}`
    this.#waiting.delete(key)
    this.#waiting.set(key, change)
  }

  async #run(): Promise<void> {
    let retryMs = firstRetryMs
    while (this.#waiting.size > 0 && !this.#isDisposed) {
      const changes = [...this.#waiting.values()]
      this.#waiting.clear()
      try {
        await this.#take(changes)
        retryMs = firstRetryMs
      } catch (error) {
        this.#onError(error)
        const newer = [...this.#waiting.values()]
        this.#waiting.clear()
        for (const change of [...changes, ...newer]) this.#put(change)
        await new Promise((resolve) => { setTimeout(resolve, retryMs) })
        retryMs = Math.min(longestRetryMs, retryMs * 2)
      }
    }
  }
}
