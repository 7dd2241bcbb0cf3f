import type { BenchResult, Figure } from './bench.ts'

function amount(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en-US')
  return value >= 10 ? value.toFixed(1) : value.toFixed(3)
}

/** What a person reads: figures, bars, and the closing line `N of M bars hold`. */
export function benchText({ figures, bars }: BenchResult): string {
  const width = Math.max(...[...figures, ...bars].map(({ name }) => name.length))
  const ratio = ({ ratio: times, against }: Figure): string => (times === undefined ? '' : `   ${times.toFixed(3)} of ${against}`)
  return [
    ...figures.map((one) => `${one.name.padEnd(width)}  ${amount(one.value).padStart(10)} ${one.unit} ±${(100 * one.spread).toFixed(1)} %${ratio(one)}`),
    '',
    ...bars.map((one) => `${one.name.padEnd(width)}  ${amount(one.value).padStart(10)}, at ${one.isMost ? 'most' : 'least'} ${one.limit}: ${one.holds ? 'holds' : 'DOES NOT HOLD'}`),
    `${bars.filter(({ holds }) => holds).length} of ${bars.length} bars hold`,
  ].join('\n')
}

/** What `--json` writes. `against` and `ratio` are null for what others are compared with. */
export function benchJson({ name, figures, bars }: BenchResult): string {
  return JSON.stringify({
    name,
    figures: figures.map((one) => ({ name: one.name, value: one.value, unit: one.unit, against: one.against ?? null, ratio: one.ratio ?? null })),
    bars: bars.map((one) => ({ name: one.name, value: one.value, limit: one.limit, bound: one.isMost ? 'most' : 'least', holds: one.holds })),
  }, null, 2)
}
