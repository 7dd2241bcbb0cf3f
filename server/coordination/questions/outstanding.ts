import { toHex } from '../../../lib/bytes.ts'
import type { Millis, RandomBytes } from '../../../lib/clock.ts'

/** 128 bits, as lower-case hex (spec/coordination.md §10). */
const tokenBytes = 16
/** A client that takes no answers must not hold many; nor must all together. */
export const maxPerNode = 8
export const maxOutstanding = 1000

export type Kind = 'c2n' | 'ping'

interface Waiting {
  readonly kind: Kind
  readonly nodeId: number
  readonly answered: (body: Promise<Uint8Array>) => void
  readonly timer: NodeJS.Timeout
}

/** Questions that wait for their answer, by token. Each is answered once, or lapses. */
export class Outstanding {
  /** Bounded: `maxOutstanding`, and `maxPerNode` of each node; each goes with its timer. */
  readonly #waiting = new Map<string, Waiting>()
  readonly #random: RandomBytes

  constructor(random: RandomBytes) {
    this.#random = random
  }

  get size(): number {
    return this.#waiting.size
  }

  ofNode(nodeId: number): number {
    let count = 0
    for (const one of this.#waiting.values()) if (one.nodeId === nodeId) count++
    return count
  }

  /** Waits for an answer; `undefined`: it did not come in time. */
  add(kind: Kind, nodeId: number, timeoutMs: Millis): { readonly token: string; readonly answer: Promise<Uint8Array | undefined> } {
    const token = toHex(this.#random(tokenBytes))
    const answer = new Promise<Uint8Array | undefined>((resolve) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(token)
        resolve(undefined)
      }, timeoutMs)
      this.#waiting.set(token, { kind, nodeId, answered: resolve, timer })
    })
    return { token, answer }
  }

  /** The node that was asked by this token; undefined: none was, or it was answered or lapsed. */
  nodeOf(kind: Kind, token: string): number | undefined {
    const one = this.#waiting.get(token)
    return one?.kind === kind ? one.nodeId : undefined
  }

  /** Gives the answer to who waits for it; the token is worth nothing from now on. */
  settle(token: string, body: Promise<Uint8Array>): void {
    const one = this.#waiting.get(token)
    if (!one) return
    this.forget(token)
    one.answered(body)
  }

  forget(token: string): void {
    clearTimeout(this.#waiting.get(token)?.timer)
    this.#waiting.delete(token)
  }

  /** All that wait get no answer. */
  dispose(): void {
    for (const { answered, timer } of this.#waiting.values()) {
      clearTimeout(timer)
      answered(Promise.reject(new Error('the control plane is stopping')))
    }
    this.#waiting.clear()
  }
}
