import type { Figure } from './bench.ts'

/** The value at a share of the sorted values, between two of them where it falls there. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

export interface Measured {
  readonly name: string
  readonly unit: string
  /** One per round, in the rounds' order. */
  readonly values: readonly number[]
}

/** Of values measured in interleaved rounds. */
export function figure({ name, unit, values }: Measured, against?: Measured): Figure {
  const value = median(values)
  const own = { name, value, unit, spread: (quantile(values, 0.75) - quantile(values, 0.25)) / 2 / value }
  if (!against) return own
  return { ...own, against: against.name, ratio: median(values.map((one, round) => one / (against.values[round] ?? Number.NaN))) }
}

/** Every subject once a round, each second round backwards, so that no subject always runs after the same one. */
export async function interleave<T extends string>(
  rounds: number, subjects: readonly T[], measure: (subject: T, round: number) => Promise<number>,
): Promise<Record<T, number[]>> {
  // Object.fromEntries forgets which keys it was given; they are the subjects.
  const values = Object.fromEntries(subjects.map((subject) => [subject, []])) as unknown as Record<T, number[]>
  for (let round = 0; round < rounds; round++) {
    for (const subject of round % 2 === 0 ? subjects : subjects.toReversed()) values[subject].push(await measure(subject, round))
  }
  return values
}
