import type { Log } from './log.ts'

/** Long-lived things in the order in which they were built, to be taken down in reverse: also when building breaks off half way. */
export class Built {
  readonly #log: Log
  /** Bounded: one per thing that is built at the start. */
  #ends: (() => unknown)[] = []

  constructor(log: Log) {
    this.#log = log
  }

  add<T>(thing: T, end: (thing: T) => unknown): T {
    this.#ends.unshift(() => end(thing))
    return thing
  }

  /** Ends all, the newest first. Never throws; a second call finds nothing to do. */
  async dispose(): Promise<void> {
    for (const end of this.#ends.splice(0)) {
      try {
        await end()
      } catch (error) {
        this.#log.error({ err: error }, 'an orderly end failed')
      }
    }
  }
}
