import type { Bar, Figure } from '../bench.ts'
import type { Lab } from './lab.ts'
import type { CellResult } from './measured.ts'

export interface PartContext {
  readonly lab: Lab
  readonly rounds: number
  readonly isFull: boolean
  /** Another relay runs beside ours. */
  readonly isAgainst: boolean
  readonly say: (line: string) => void
}

export interface PartResult {
  /** For the table and the plot. */
  readonly results: readonly CellResult[]
  readonly figures: readonly Figure[]
  readonly bars: readonly Bar[]
}

/** What can be measured alone. */
export interface Part {
  readonly name: string
  readonly about: string
  /** Sessions that the relays need. */
  readonly sessions: number
  /** The agents tell what their collector does. */
  readonly tracesCollector?: true
  /** Its results are in the plot; those that are measure different loads. */
  readonly isPlotted?: true
  run(context: PartContext): Promise<PartResult>
}
