import { median } from '../stats.ts'
import { relayTitles, type CellResult } from './measured.ts'
import { cellName, type RelayName } from './plan.ts'

const width = 720
/** Of a letter, about: what a label needs is not known before it is drawn. */
const letterWidth = 7
const right = 24
const top = 56
const bottom = 44
const barHeight = 14
const barGap = 3
const groupGap = 18

/** By relay, light and dark; the plane that the picture is about has the strong one. */
const colors: Readonly<Record<RelayName, readonly [light: string, dark: string]>> = {
  batched: ['#0f766e', '#2dd4bf'],
  'batched in two threads': ['#0369a1', '#38bdf8'],
  dgram: ['#94a3b8', '#64748b'],
  reference: ['#475569', '#cbd5e1'],
  bare: ['#d4d4d8', '#3f3f46'],
  other: ['#b45309', '#fbbf24'],
}

const className = (relay: RelayName): string => relay.replaceAll(' ', '-')
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

/** The distance of the axis' lines: 1, 2 or 5 times a power of ten, at most six of them. */
export function step(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most / 6))
  return [1, 2, 5, 10].map((times) => times * power).find((size) => most / size <= 6) ?? 10 * power
}

/** An SVG of bars, a group for each load: packets per CPU second. It follows the reader's light or dark. */
export function barPlot(results: readonly CellResult[], relays: readonly RelayName[]): string {
  const groups = results.map(({ cell, values }) => ({ name: cellName(cell), bars: relays.map((relay) => ({ relay, value: median(values[relay] ?? []) })) }))
  const left = 20 + letterWidth * Math.max(...groups.map(({ name }) => name.length))
  const most = Math.max(...groups.flatMap(({ bars }) => bars.map(({ value }) => value)).filter(Number.isFinite))
  const distance = step(most)
  const end = Math.ceil(most / distance) * distance
  const scale = (value: number): number => (value / end) * (width - left - right - 44)
  const groupHeight = relays.length * (barHeight + barGap) + groupGap
  const height = top + groups.length * groupHeight + bottom
  const grid = Array.from({ length: end / distance + 1 }, (_, i) => i * distance)
  const text = (x: number, y: number, words: string, kind: string, anchor = 'start'): string =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${kind}" text-anchor="${anchor}">${escaped(words)}</text>`
  let key = left
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">`,
    '<title id="title">Packets forwarded per second of CPU time, by load and relay</title>',
    `<style>${style(relays)}</style>`,
    `<rect class="ground" width="${width}" height="${height}" rx="8"/>`,
    ...relays.filter((relay) => results.some(({ values }) => values[relay])).map((relay) => {
      const at = key
      key += 30 + relayTitles[relay].length * 7
      return `<rect x="${at}" y="20" width="12" height="12" rx="2" class="${className(relay)}"/>${text(at + 18, 30.5, relayTitles[relay], 'words')}`
    }),
    ...grid.map((value) => {
      const x = left + scale(value)
      return `<line class="grid" x1="${x.toFixed(1)}" x2="${x.toFixed(1)}" y1="${top - 8}" y2="${height - bottom}"/>${text(x, height - bottom + 16, value === 0 ? '0' : `${value / 1000}k`, 'quiet', 'middle')}`
    }),
    text(left, height - 10, 'packets per second of CPU time', 'quiet'),
    ...groups.flatMap(({ name, bars }, group) => {
      const y = top + group * groupHeight
      return [
        text(left - 12, y + (bars.length * (barHeight + barGap)) / 2 + 3, name, 'words', 'end'),
        ...bars.filter(({ value }) => Number.isFinite(value)).map(({ relay, value }, i) => {
          const at = y + i * (barHeight + barGap)
          return `<rect x="${left}" y="${at}" width="${scale(value).toFixed(1)}" height="${barHeight}" rx="2" class="${className(relay)}"/>${text(left + scale(value) + 6, at + 11, `${Math.round(value / 1000)}k`, relay === 'batched' ? 'value strong' : 'value')}`
        }),
      ]
    }),
    '</svg>',
    '',
  ].join('\n')
}

function style(relays: readonly RelayName[]): string {
  const theme = (shade: 0 | 1, [ground, ink, quiet, line]: readonly string[]): string => [
    `.ground{fill:${ground}}.words,.value{fill:${ink}}.quiet{fill:${quiet}}.grid{stroke:${line}}`,
    ...relays.map((relay) => `.${className(relay)}{fill:${colors[relay][shade]}}`),
  ].join('')
  return [
    'text{font:12px system-ui,sans-serif}.value,.quiet{font-size:11px;font-variant-numeric:tabular-nums}.strong{font-weight:600}',
    theme(0, ['#ffffff', '#1e293b', '#64748b', '#e2e8f0']),
    `@media (prefers-color-scheme: dark){${theme(1, ['#0f172a', '#e2e8f0', '#94a3b8', '#1e293b'])}}`,
  ].join('')
}
