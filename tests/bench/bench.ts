/** A measured value beside what ran next to it in the same rounds. */
export interface Figure {
  readonly name: string
  /** The median over the rounds. */
  readonly value: number
  readonly unit: string
  /** The name of the figure that it is compared with; absent: it is itself what others are compared with. */
  readonly against?: string
  /** The median of the rounds' own ratios: what slows a whole round down does not show in it. */
  readonly ratio?: number
  /** Half the distance of the quartiles, as a share of the median. */
  readonly spread: number
}

export interface Bar {
  readonly name: string
  readonly value: number
  /** The least value with which it holds; the most, where `isMost`. */
  readonly limit: number
  readonly isMost?: true
  readonly holds: boolean
}

export interface BenchResult {
  readonly name: string
  readonly figures: readonly Figure[]
  readonly bars: readonly Bar[]
  /** A table of the figures for a document, and a plot. */
  readonly markdown?: string
  readonly svg?: string
}

export interface BenchContext {
  /** How often everything is measured; undefined: the bench's own choice. */
  readonly rounds: number | undefined
  /** Longer and more: for a figure to quote. */
  readonly full: boolean
  /** Names of the parts to run; none: all. */
  readonly only: readonly string[]
  /** A command that starts another relay to measure beside ours. */
  readonly against: string | undefined
  readonly say: (line: string) => void
}

export interface Bench {
  readonly name: string
  /** One line for the list. */
  readonly about: string
  /** What can be run alone; undefined: it is one whole. */
  readonly parts?: readonly { readonly name: string; readonly about: string }[]
  /** Throws `CannotBench` where this machine cannot run it. */
  run(context: BenchContext): Promise<BenchResult>
}

/** This machine lacks something: the text says what and how to get it. */
export class CannotBench extends Error {}

export function bar(name: string, value: number, limit: number): Bar {
  return { name, value, limit, holds: value >= limit }
}

export function barMost(name: string, value: number, limit: number): Bar {
  return { name, value, limit, isMost: true, holds: value <= limit }
}
