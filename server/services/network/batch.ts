/** Waits this long for more, and twice as long as the last batch took: a thousand nodes that come back at once must not hold the event loop. */
const waitMs = 20

/** Nodes that moved within a moment, taken together. */
export class Batch {
  /** By node, its cause. Bounded: one per node of the network; emptied after a moment. */
  readonly #waiting = new Map<number, string>()
  readonly #take: (nodes: ReadonlyMap<number, string>) => void
  #timer: NodeJS.Timeout | undefined
  #lastMs = 0

  constructor(take: (nodes: ReadonlyMap<number, string>) => void) {
    this.#take = take
  }

  add(nodeId: number, cause: string): void {
    this.#waiting.set(nodeId, cause)
    this.#timer ??= setTimeout(() => this.flush(), Math.max(waitMs, 2 * this.#lastMs))
  }

  /** Takes what waits now. */
  flush(): void {
    const nodes = new Map(this.#waiting)
    this.dispose()
    if (nodes.size === 0) return
    const startedAt = performance.now()
    this.#take(nodes)
    this.#lastMs = performance.now() - startedAt
  }

  /** Forgets what waits. */
  dispose(): void {
    this.#waiting.clear()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
