import type { Figure } from '../bench.ts'
import { figure } from '../stats.ts'
import { relayKinds, type RelayKind } from './scene.ts'

/** One round's seconds of a relay, by what they are. */
export type Times = Readonly<Record<string, number>>

/** Times of both relays, round by round. */
export class TimesOfBoth {
  /** Bounded: one per name, with one value a round. */
  readonly #values: Readonly<Record<RelayKind, Map<string, number[]>>> = { ours: new Map(), stock: new Map() }

  add(kind: RelayKind, times: Times): void {
    for (const [name, value] of Object.entries(times)) this.#values[kind].set(name, [...this.of(kind, name), value])
  }

  of(kind: RelayKind, name: string): readonly number[] {
    return this.#values[kind].get(name) ?? []
  }

  /** The stock relay's, and ours against it. */
  figures(): Figure[] {
    return [...this.#values.ours.keys()].flatMap((name) => {
      const [ours, stock] = relayKinds.map((kind) => ({ name: `${name}, ${kind}`, unit: 's', values: this.of(kind, name) }))
      if (!ours || !stock || stock.values.length === 0) return ours ? [figure(ours)] : []
      return [figure(stock), figure(ours, stock)]
    })
  }
}

/** Longest of all rounds: what has to hold each time. */
export const longest = (values: readonly number[]): number => Math.max(...values, Number.NEGATIVE_INFINITY)
