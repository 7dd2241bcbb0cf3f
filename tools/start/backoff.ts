export interface BackoffLimits {
  /** The first wait, ms, before jitter. */
  readonly firstMs: number
  readonly mostMs: number
  /** A run of this length was a good one: the next wait is the first again. */
  readonly steadyMs: number
}

const usual: BackoffLimits = { firstMs: 200, mostMs: 15_000, steadyMs: 20_000 }

/** How long to wait before a program is started again: twice as long each time it fails soon. */
export class Backoff {
  #limits: BackoffLimits
  #failures = 0

  constructor(limits: BackoffLimits = usual) {
    this.#limits = limits
  }

  /** After a run of `ranMs`; `chance` in [0, 1) is the jitter, so that programs that fell together do not rise together. */
  next(ranMs: number, chance: number): number {
    const { firstMs, mostMs, steadyMs } = this.#limits
    if (ranMs >= steadyMs) this.#failures = 0
    const full = Math.min(mostMs, firstMs * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, 32)
    return full / 2 + (full / 2) * chance
  }
}
