import type { Millis } from '../../../lib/clock.ts'

/** A relay whose channel broke this recently still relays, and mostly comes back. */
export const goneMs = 5000
/** After our own start nobody is connected yet; those who were come back within their back-off. */
export const startMs = 20_000

/** Who is connected, and who was just now. */
export class Presence {
  /** Bounded: one per node of the network. */
  readonly #online = new Set<number>()
  /** Until when one who left counts as here. Bounded as above. */
  readonly #leaving = new Map<number, Millis>()
  /** When the channel of one who is not connected broke. Bounded as above. */
  readonly #brokeAt = new Map<number, Millis>()

  /** `known` may have been connected to the process before. */
  constructor(now: Millis, known: readonly number[]) {
    for (const id of known) this.#leaving.set(id, now + startMs)
  }

  set(nodeId: number, online: boolean, now: Millis): void {
    if (online) {
      this.#online.add(nodeId)
      this.#leaving.delete(nodeId)
      this.#brokeAt.delete(nodeId)
    } else if (this.#online.delete(nodeId)) {
      this.#leaving.set(nodeId, now + goneMs)
      this.#brokeAt.set(nodeId, now)
    }
  }

  isOnline(nodeId: number): boolean {
    return this.#online.has(nodeId)
  }

  /** When its channel broke; undefined: it is connected, or was not since the control plane started. */
  offlineSince(nodeId: number): Millis | undefined {
    return this.#brokeAt.get(nodeId)
  }

  /** Connected, or gone for a moment only. */
  isHere(nodeId: number, now: Millis): boolean {
    return this.#online.has(nodeId) || (this.#leaving.get(nodeId) ?? 0) > now
  }

  forget(nodeId: number): void {
    this.#brokeAt.delete(nodeId)
    this.#online.delete(nodeId)
    this.#leaving.delete(nodeId)
  }

  /** When the next one who left counts as gone. A clock that was set back must not keep it here. */
  nextLapse(now: Millis): Millis | undefined {
    let next: Millis | undefined
    for (const [id, until] of this.#leaving) {
      const due = Math.min(until, now + startMs)
      if (due !== until) this.#leaving.set(id, due)
      next = next === undefined ? due : Math.min(next, due)
    }
    return next
  }

  /** Those who count as gone from now on, each once. */
  lapsed(now: Millis): number[] {
    const gone = [...this.#leaving].flatMap(([id, until]) => (until <= now ? [id] : []))
    for (const id of gone) this.#leaving.delete(id)
    return gone
  }
}
