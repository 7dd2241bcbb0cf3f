import type { Millis } from '../lib/clock.ts'

/** Sessions leave within 12 s (spec section 4); a little more, then the port is closed whatever stands. */
export const drainLimit = 13_000
export const bindRetryMs = 3000

export type SwitchPhase =
  | { readonly name: 'off' }
  | { readonly name: 'starting'; readonly port: number }
  | { readonly name: 'relaying'; readonly port: number }
  | { readonly name: 'draining'; readonly port: number; readonly until: Millis }
  | { readonly name: 'closing' }
  /** The port cannot be had; tried again at `retryAt`. `isTrying`: a try is under way, which changes nothing that others see. */
  | { readonly name: 'cannot'; readonly port: number; readonly text: string; readonly retryAt: Millis; readonly isTrying: boolean }

export type SwitchAction = { readonly type: 'bind'; readonly port: number } | { readonly type: 'close' }

/** What is done with the relay's port: desired port in, `bind` and `close` out. Without sockets. */
export class RelaySwitch {
  #wanted: number | undefined
  #phase: SwitchPhase = { name: 'off' }

  get phase(): SwitchPhase {
    return this.#phase
  }

  /** Whether the core takes allocations and binds. A port not yet bound counts: saved sessions wait for it. */
  get accepts(): boolean {
    return this.#wanted !== undefined && this.#phase.name !== 'draining' && this.#phase.name !== 'closing'
  }

  /** The port to relay on; undefined: off. */
  want(port: number | undefined): void {
    this.#wanted = port
  }

  /** The next thing to do. `endpoints`: those of the core, which drains them while `accepts` is false. */
  step(endpoints: number, now: Millis): SwitchAction | undefined {
    const phase = this.#phase
    switch (phase.name) {
      case 'off':
        return this.#wanted === undefined ? undefined : this.#bind(this.#wanted)
      case 'cannot':
        if (phase.isTrying) return undefined
        if (this.#wanted === undefined) this.#phase = { name: 'off' }
        else if (this.#wanted !== phase.port || now >= phase.retryAt) return this.#bind(this.#wanted)
        return undefined
      case 'relaying':
        if (this.#wanted !== phase.port) this.#phase = { name: 'draining', port: phase.port, until: now + drainLimit }
        return undefined
      case 'draining':
        if (this.#wanted === phase.port) {
          this.#phase = { name: 'relaying', port: phase.port }
        } else if (endpoints === 0 || now >= phase.until) {
          this.#phase = { name: 'closing' }
          return { type: 'close' }
        }
        return undefined
      case 'starting':
      case 'closing':
        return undefined
    }
  }

  /** The outcome of a `bind`; `text`: why it failed. */
  bound(outcome: { readonly ok: boolean; readonly text: string }, now: Millis): void {
    const phase = this.#phase
    if (phase.name !== 'starting' && !(phase.name === 'cannot' && phase.isTrying)) return
    const { port } = phase
    this.#phase = outcome.ok ? { name: 'relaying', port } : { name: 'cannot', port, text: outcome.text, retryAt: now + bindRetryMs, isTrying: false }
  }

  /** A `close` is done. */
  closed(): void {
    if (this.#phase.name === 'closing') this.#phase = { name: 'off' }
  }

  #bind(port: number): SwitchAction {
    const phase = this.#phase
    this.#phase = phase.name === 'cannot' && phase.port === port ? { ...phase, isTrying: true } : { name: 'starting', port }
    return { type: 'bind', port }
  }
}
