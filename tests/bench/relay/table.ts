import { figure } from '../stats.ts'
import { ratioOf, relayTitles, type CellResult } from './measured.ts'
import { cellName, type RelayName } from './plan.ts'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

/**
 * Markdown: a line for each load, thousands of packets per CPU second (median, and half the distance of the quartiles),
 * then `batched` as a multiple of each other relay (median of the rounds' own ratios).
 */
export function markdownTable(results: readonly CellResult[], relays: readonly RelayName[]): string {
  const others = relays.includes('batched') ? relays.filter((relay) => relay !== 'batched') : []
  const value = ({ values }: CellResult, relay: RelayName): string => {
    const { value: middle, spread } = figure({ name: '', unit: '', values: values[relay] ?? [] })
    return `${Math.round(middle / 1000)} ±${Math.round(100 * spread)} %`
  }
  return [
    row(['thousand packets per CPU second', ...relays.map((relay) => relayTitles[relay]), ...others.map((other) => `batched ÷ ${relayTitles[other]}`)]),
    row(['---', ...[...relays, ...others].map(() => '---:')]),
    ...results.map((result) => row([
      cellName(result.cell), ...relays.map((relay) => value(result, relay)), ...others.map((other) => ratioOf(result, 'batched', other).toFixed(2)),
    ])),
  ].join('\n')
}
