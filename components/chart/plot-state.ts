import type { Gap, Values } from './scale.ts'

export interface PlotSeries {
  readonly key: string
  readonly label: string
  /** A chart token, such as `--chart-1`. */
  readonly color: string
  readonly values: Values
  /** Drawn below the zero line: the other bank. */
  readonly below?: boolean
  /** DERP is dashed too, so that it can be told without colour. */
  readonly dashed?: boolean
  /** A count: steps, not slopes. */
  readonly stepped?: boolean
  readonly hidden?: boolean
}

export interface Mark { readonly at: number; readonly on: boolean; readonly text: string }

/** All that one graph draws. Times are milliseconds since the epoch. */
export interface PlotState {
  readonly from: number
  readonly to: number
  readonly times: readonly number[]
  /** How far from a point the crosshair still shows it: a step and a half. */
  readonly reach: number
  readonly series: readonly PlotSeries[]
  readonly gaps: readonly Gap[]
  readonly marks: readonly Mark[]
  /** End of the y axis, in the series' unit; it starts at 0. */
  readonly max: number
  /** A tick's text, without the unit: that is said once, in `unit`. */
  readonly tick: (value: number) => string
  readonly unit: string
  /** A value with its unit, for the tooltip. */
  readonly text: (value: number) => string
  readonly time: (at: number, seconds: boolean) => string
  /** The whole date, for the tooltip. */
  readonly exact: (at: number) => string
}

export interface PlotLayout {
  readonly height: number
  readonly xAxis: boolean
  /** A lane above the frame for marks and the names of gaps. */
  readonly lane: boolean
  /** The tooltip beside the crosshair, or one value beside it. */
  readonly tip: 'box' | 'label'
  /** Graphs of one key share the crosshair. */
  readonly sync: string
  readonly zoom: boolean
}
