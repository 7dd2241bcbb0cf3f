/** A mailbox of one: a reader that is slow gets the newest and misses what lay between. Ends with the signal. */
export class Newest<T> implements AsyncIterable<T> {
  #value: { readonly value: T } | undefined
  #wake: (() => void) | undefined
  readonly #signal: AbortSignal | undefined

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal
  }

  put(value: T): void {
    this.#value = { value }
    this.#wake?.()
  }

  async* [Symbol.asyncIterator](): AsyncGenerator<T> {
    const wake = (): void => this.#wake?.()
    this.#signal?.addEventListener('abort', wake)
    try {
      while (!this.#signal?.aborted) {
        const held = this.#value
        this.#value = undefined
        if (held) yield held.value
        else await new Promise<void>((resolve) => { this.#wake = resolve })
      }
    } finally {
      this.#signal?.removeEventListener('abort', wake)
    }
  }
}
