import { CannotBench, bar, type Bench, type BenchContext, type BenchResult } from '../bench.ts'
import { countersPart } from './counters.ts'
import { fairnessPart } from './fairness.ts'
import { halfLoadPart } from './half-load.ts'
import { Lab } from './lab.ts'
import type { CellResult } from './measured.ts'
import type { PartResult } from './part.ts'
import { relayNames, type RelayName } from './plan.ts'
import { barPlot } from './plot.ts'
import { markdownTable } from './table.ts'
import { barePart, coalescingPart, manyPart, saturatedPart, sizesPart } from './throughput.ts'
import { soakPart } from './soak.ts'
import { workersPart } from './workers.ts'

/** The first alone by default; with `--full` all. */
const parts = [saturatedPart, sizesPart, coalescingPart, barePart, halfLoadPart, fairnessPart, workersPart, manyPart, countersPart, soakPart]

const measuredIn = (results: readonly CellResult[]): RelayName[] => relayNames.filter((name) => results.some(({ values }) => values[name]))

export const relayBench: Bench = {
  name: 'relay',
  about: 'packets per CPU second through the whole agent on each data plane, against the same way in C (root, a C compiler, ethtool)',
  parts,
  async run({ rounds = 5, full, only, against, say }: BenchContext): Promise<BenchResult> {
    const chosen = parts.filter(({ name }) => (only.length > 0 ? only.includes(name) : full || name === saturatedPart.name))
    if (against !== undefined && against.trim() === '') throw new CannotBench('--against is the command that starts another relay')
    const done: (PartResult & { readonly isPlotted?: boolean | undefined })[] = []
    for (const part of chosen) {
      // Relays of its own for each: sessions that a part leaves silent for five minutes lapse.
      const lab = new Lab({ sessions: part.sessions, against, tracesCollector: part.tracesCollector ?? false, say })
      try {
        await lab.open()
        say(`${part.name}: ${part.about}; ${rounds} rounds`)
        done.push({ ...await part.run({ lab, rounds, isFull: full, isAgainst: against !== undefined, say }), isPlotted: part.isPlotted })
      } catch (error) {
        if (error instanceof CannotBench) throw error
        // The other parts took long, and count.
        say(`${part.name}: ended by an error: ${error instanceof Error ? error.message : String(error)}`)
        done.push({ results: [], figures: [], bars: [bar(`batched: part ${part.name}, measured to its end`, 0, 1)] })
      } finally {
        await lab.close()
      }
    }
    const tables = done.filter(({ results }) => results.length > 0)
    const plotted = tables.filter(({ isPlotted }) => isPlotted).flatMap(({ results }) => results)
    return {
      name: 'relay',
      figures: done.flatMap(({ figures }) => figures),
      bars: done.flatMap(({ bars }) => bars),
      ...(tables.length > 0 && { markdown: tables.map(({ results }) => markdownTable(results, measuredIn(results))).join('\n\n') }),
      ...(plotted.length > 0 && { svg: barPlot(plotted, measuredIn(plotted)) }),
    }
  },
}
