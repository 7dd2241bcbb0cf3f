import type { Bus } from '../../bus/index.ts'

/** Clients that wait for a person's decision, woken by its event. */
export class LoginWaiters {
  /** By the login's id. Bounded: one entry per open request, which the transport limits; each takes its own away. */
  readonly #waiting = new Map<string, Set<() => void>>()
  readonly #stop: () => void
  #changes = 0

  constructor(bus: Pick<Bus, 'subscribe'>) {
    this.#stop = bus.subscribe('login.changed', ({ id }) => {
      this.#changes += 1
      for (const wake of [...(this.#waiting.get(id) ?? [])]) wake()
    })
  }

  /** How many changes there were, of any login: another number than before says to look again. */
  get changes(): number {
    return this.#changes
  }

  get size(): number {
    return this.#waiting.size
  }

  /** Resolves when the login changes, the milliseconds are over, or the signal ends it. Counts from the call on. */
  changed(id: string, milliseconds: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        const others = this.#waiting.get(id)
        others?.delete(done)
        if (others?.size === 0) this.#waiting.delete(id)
        resolve()
      }
      const timer = setTimeout(done, Math.max(0, milliseconds))
      const waiting = this.#waiting.get(id) ?? new Set()
      this.#waiting.set(id, waiting.add(done))
      signal.addEventListener('abort', done)
      if (signal.aborted) done()
    })
  }

  dispose(): void {
    this.#stop()
  }
}
