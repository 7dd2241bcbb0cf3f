import { nonceBytes } from './constants.ts'

/** Four zero bytes and a counter, big-endian: against the Noise specification, as all clients do it. */
const counterAt = 4

/** The nonces of one direction, from `first` on, each once. */
export class NonceCounter {
  readonly #nonce = new Uint8Array(nonceBytes)
  #isExhausted = false

  constructor(first = 0n) {
    new DataView(this.#nonce.buffer).setBigUint64(counterAt, first)
  }

  /** The next one's bytes, good until the next call; undefined: there is none left, and none may come twice. */
  next<T>(use: (nonce: Uint8Array) => T): T | undefined {
    if (this.#isExhausted) return undefined
    const result = use(this.#nonce)
    let at = nonceBytes - 1
    while (at >= counterAt && this.#nonce[at] === 0xff) this.#nonce[at--] = 0
    if (at < counterAt) this.#isExhausted = true
    else this.#nonce[at] = (this.#nonce[at] ?? 0) + 1
    return result
  }
}
