import type { Bar, Figure } from '../bench.ts'
import { bar } from '../bench.ts'
import { figure, median } from '../stats.ts'
import { cellName, type Cell, type RelayName } from './plan.ts'

/** Packets per CPU second of each relay under one load, by round. */
export interface CellResult {
  readonly cell: Cell
  readonly values: Partial<Readonly<Record<RelayName, readonly number[]>>>
}

/** As a relay is named where the reader does not know this bench. */
export const relayTitles: Readonly<Record<RelayName, string>> = {
  dgram: 'dgram', batched: 'batched', reference: 'C, the same way', bare: 'bare forwarder', other: 'the other relay', 'batched in two threads': 'batched, two threads',
}

/** The median of the rounds' own ratios; NaN where one was not measured. */
export function ratioOf({ values }: CellResult, relay: RelayName, against: RelayName): number {
  const others = values[against] ?? []
  return median((values[relay] ?? []).map((value, round) => value / (others[round] ?? Number.NaN)))
}

export function figuresOf(results: readonly CellResult[], relays: readonly RelayName[]): Figure[] {
  return results.flatMap(({ cell, values }) => {
    const named = (relay: RelayName) => ({ name: `${relay}: ${cellName(cell)}`, unit: 'packets/CPU s', values: values[relay] ?? [] })
    const basis = named(relays[0] ?? 'dgram')
    return relays.filter((relay) => values[relay]).map((relay) => figure(named(relay), relay === relays[0] ? undefined : basis))
  })
}

export interface RatioLimit {
  readonly relay: RelayName
  readonly against: RelayName
  readonly median: number
  readonly least: number
}

/** What a relay keeps of another's packets per CPU second, over all loads. */
export function ratioBars(results: readonly CellResult[], { relay, against, median: middle, least }: RatioLimit): Bar[] {
  const ratios = results.map((result) => ratioOf(result, relay, against))
  const times = against === 'reference' ? 'times the reference' : `times ${against}`
  return [bar(`${relay}: median over cells, ${times}`, median(ratios), middle), bar(`${relay}: least cell, ${times}`, Math.min(...ratios), least)]
}
