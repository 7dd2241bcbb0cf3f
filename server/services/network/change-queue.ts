export type Change =
  | { readonly type: 'node'; readonly nodeId: number; readonly cause: string; readonly isRelay: boolean }
  | { readonly type: 'policy' | 'names' | 'all'; readonly cause: string }

const firstRetryMs = 100
const longestRetryMs = 2000
/** A batch that took less is followed by the next one at once. */
const quickMs = 5
const longestRestMs = 500

const wait = (ms: number): Promise<void> => new Promise((resolve) => { setTimeout(resolve, ms) })

/**
 * Takes changes in, in order and in batches: what comes while one is being taken is taken together. After a batch that took long the next one waits as
 * long, for more: in a large network each is work for every node of it, and half of the time is for those who wait for other things.
 */
export class ChangeQueue {
  /** By what changed, its newest cause last. Bounded: two per node of the network, one each for the policy, the names and all nodes. */
  readonly #waiting = new Map<string, Change>()
  readonly #take: (changes: readonly Change[]) => Promise<void>
  readonly #onError: (error: unknown) => void
  #isRunning = false
  /** How many changes came, and up to which they are taken in. */
  #added = 0
  #taken = 0
  /** Who waits until how many are taken. Bounded by its callers: each waits for its own. */
  #settling: { readonly added: number; readonly done: () => void }[] = []
  #isDisposed = false

  constructor(take: (changes: readonly Change[]) => Promise<void>, onError: (error: unknown) => void) {
    this.#take = take
    this.#onError = onError
  }

  add(change: Change): void {
    if (this.#isDisposed) return
    this.#added++
    this.#put(change)
    this.#start()
  }

  /** Resolves when what was added before is taken in, whatever comes meanwhile; also when nothing will be any more. */
  settled(): Promise<void> {
    if (this.#isDisposed || this.#taken >= this.#added) return Promise.resolve()
    return new Promise((done) => { this.#settling.push({ added: this.#added, done }) })
  }

  dispose(): void {
    this.#isDisposed = true
    this.#waiting.clear()
    this.#settle(Infinity)
  }

  #settle(taken: number): void {
    const waiting = this.#settling
    this.#settling = waiting.filter(({ added }) => added > taken)
    for (const { added, done } of waiting) if (added <= taken) done()
  }

  #start(): void {
    if (this.#isRunning) return
    this.#isRunning = true
    void this.#run().finally(() => {
      this.#isRunning = false
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
      const added = this.#added
      this.#waiting.clear()
      const startedAt = performance.now()
      try {
        await this.#take(changes)
        this.#taken = added
        this.#settle(added)
        retryMs = firstRetryMs
        const tookMs = performance.now() - startedAt
        if (tookMs >= quickMs && this.#waiting.size > 0) await wait(Math.min(tookMs, longestRestMs))
      } catch (error) {
        this.#onError(error)
        const newer = [...this.#waiting.values()]
        this.#waiting.clear()
        for (const change of [...changes, ...newer]) this.#put(change)
        await wait(retryMs)
        retryMs = Math.min(longestRetryMs, retryMs * 2)
      }
    }
  }
}
