import type { SessionState } from './sessions.ts'

/** The sessions that run, as the database has them. */
export class OpenSessions {
  /** By relay, then key. Bounded: open rows of the table, each an endpoint that a relay has bound. */
  readonly #byRelay = new Map<number, Map<string, SessionState>>()

  replaceAll(states: readonly SessionState[]): void {
    this.#byRelay.clear()
    for (const state of states) this.put(state)
  }

  put(state: SessionState): void {
    if (!state.isOpen) return this.delete(state.relayId, state.key)
    const known = this.#byRelay.get(state.relayId)
    if (known) known.set(state.key, state)
    else this.#byRelay.set(state.relayId, new Map([[state.key, state]]))
  }

  delete(relayId: number, key: string): void {
    const known = this.#byRelay.get(relayId)
    known?.delete(key)
    if (known?.size === 0) this.#byRelay.delete(relayId)
  }

  get(relayId: number, key: string): SessionState | undefined {
    return this.#byRelay.get(relayId)?.get(key)
  }

  has(relayId: number, key: string): boolean {
    return this.#byRelay.get(relayId)?.has(key) ?? false
  }

  count(relayId: number): number {
    return this.#byRelay.get(relayId)?.size ?? 0
  }

  get total(): number {
    let total = 0
    for (const sessions of this.#byRelay.values()) total += sessions.size
    return total
  }

  *all(): Generator<SessionState> {
    for (const sessions of this.#byRelay.values()) yield* sessions.values()
  }
}
