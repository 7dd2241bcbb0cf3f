import { bar, type Bar } from '../bench.ts'
import { figuresOf, ratioBars, ratioOf, type CellResult } from './measured.ts'
import type { Part, PartContext, PartResult } from './part.ts'
import { baseSessions, cellName, cells, mostSessions, type Cell, type RelayName } from './plan.ts'
import { measureSaturated } from './saturated.ts'

/** Of one measurement, after half a second of warming up. */
const seconds = 4

export function relaysOf(isAgainst: boolean): readonly RelayName[] {
  return isAgainst ? ['dgram', 'batched', 'reference', 'other'] : ['dgram', 'batched', 'reference']
}

async function measure({ lab, rounds, isAgainst, say }: PartContext, of: readonly Cell[], bars: (results: readonly CellResult[]) => readonly Bar[], only?: readonly RelayName[]): Promise<PartResult> {
  const relays = only ?? relaysOf(isAgainst)
  const [first] = of
  lab.setLink(first?.link ?? 'plain')
  const results = await measureSaturated({ lab, cells: of, relays, rounds, seconds, say })
  return { results, figures: figuresOf(results, relays), bars: bars(results) }
}

export const saturatedPart: Part = {
  name: 'saturated',
  about: '72 and 1308 B, 1 and 64 sessions, plain link, as fast as each relay can',
  sessions: baseSessions,
  isPlotted: true,
  run: (context) => measure(context, cells.saturated, (results) => [
    ...ratioBars(results, { relay: 'batched', against: 'reference', median: 0.85, least: 0.75 }),
    ...ratioBars(results, { relay: 'batched', against: 'dgram', median: 4, least: 3 }),
  ]),
}

export const sizesPart: Part = {
  name: 'sizes',
  about: 'the same with 512 B, without bars',
  sessions: baseSessions,
  isPlotted: true,
  run: (context) => measure(context, cells.sizes, () => []),
}

export const coalescingPart: Part = {
  name: 'coalescing',
  about: 'the same over a link whose ends merge what arrives, without bars',
  sessions: baseSessions,
  isPlotted: true,
  run: (context) => measure(context, cells.coalescing, () => []),
}

/** Median over the sizes of what the plane keeps with many sessions. */
export function manyBars(results: readonly CellResult[]): Bar[] {
  return results.filter(({ cell }) => cell.sessions === mostSessions).map((result) => {
    const { cell } = result
    if (cell.burst === 1) return bar(`batched: ${cellName(cell)}, times the reference`, ratioOf(result, 'batched', 'reference'), 0.85)
    const few = results.find((one) => one.cell.sessions === baseSessions && one.cell.size === cell.size && one.cell.burst === cell.burst)
    const both: CellResult = { cell, values: { batched: result.values.batched ?? [], other: few?.values.batched ?? [] } }
    return bar(`batched: ${cellName(cell)}, times its own with ${baseSessions}`, ratioOf(both, 'batched', 'other'), 0.85)
  })
}

export const manyPart: Part = {
  name: 'many',
  about: `${mostSessions.toLocaleString('en-US')} sessions, in bursts of 16 packets and packet by packet`,
  sessions: mostSessions,
  run: (context) => measure(context, cells.many, manyBars, ['batched', 'reference']),
}

export const barePart: Part = {
  name: 'bare',
  about: 'what the dgram plane keeps of a bare forwarder on node:dgram',
  sessions: baseSessions,
  run: (context) => measure(context, cells.saturated, (results) => {
    const [middle] = ratioBars(results, { relay: 'dgram', against: 'bare', median: 0.8, least: 0 })
    return middle ? [{ ...middle, name: 'dgram: median over cells, share of bare forwarder' }] : []
  }, ['bare', 'dgram']),
}
