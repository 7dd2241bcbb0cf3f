import type { EndRow, PairRow } from './rows.ts'

const heads = ['peer', 'path', 'rtt', 'echo', 'out', 'in', 'lost', 'sent']
/** Columns of numbers, right-aligned. */
const numbers = 2

/** The table of one second, a line per end. */
export function tableText(rows: readonly PairRow[]): string {
  const lines = [heads, ...rows.flatMap((pair) => pair.map(cells))]
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)))
  return lines.map((line) => line.map((cell, column) => {
    const width = widths[column] ?? 0
    return column < numbers ? cell.padEnd(width) : cell.padStart(width)
  }).join('  ').trimEnd()).join('\n')
}

function cells(row: EndRow): string[] {
  return [row.name, pathText(row), msText(row.rttMs), msText(row.echoMs), rateText(row.bitsOut), rateText(row.bitsIn), String(row.lost), String(row.sent)]
}

function pathText({ state, path, relay, vni, address }: EndRow): string {
  if (state === 'joining') return 'joining …'
  if (state === 'waiting') return 'waiting for the other end …'
  if (path === 'derp') return 'DERP'
  if (path === 'direct') return `direct ${address ?? ''}`
  return `relay ${relay ?? address ?? ''} VNI ${vni ?? '?'}`
}

function msText(ms: number | null): string {
  return ms === null ? '–' : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`
}

export function rateText(bits: number): string {
  if (bits >= 1e9) return `${(bits / 1e9).toFixed(2)} Gbit/s`
  if (bits >= 1e6) return `${(bits / 1e6).toFixed(2)} Mbit/s`
  return `${(bits / 1e3).toFixed(1)} kbit/s`
}
