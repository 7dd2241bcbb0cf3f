import { listedUpTo } from '@/lib/words.ts'
import type { PolicyPreview } from '../../../server/trpc/types.ts'

type Side = PolicyPreview['gains']
type Row = Side['rows'][number]
type Named = Row['who']

/** One line of the preview: whom, what, and the names behind a number. */
export type PreviewLine = {
  readonly key: string
  readonly who: string
  /** Written as in the policy, behind `who`. */
  readonly selector?: string
  readonly what: string
  /** Names that the words leave out; `more` are not even in here. */
  readonly names: readonly string[]
  readonly more: number
}

/** So many names are written out. */
const maxNamed = 3

export function previewLines({ rows }: Side): PreviewLine[] {
  return alike(rows).map((row, at): PreviewLine => ({ key: String(at), ...whoWords(row.who), what: whatWords(row), ...hidden(row) }))
}

/** Rows of the same kind about the same machines on both sides as one: several limits on one relay, several attributes. */
function alike(rows: readonly Row[]): Row[] {
  /** Bounded by the rows. */
  const together = new Map<string, Row>()
  for (const row of rows) {
    const key = JSON.stringify([row.kind, row.who, row.what])
    const known = together.get(key)
    together.set(key, known === undefined ? row : { ...known, detail: `${known.detail}, ${row.detail}` })
  }
  return [...together.values()]
}

/** "ann-1 and ann-2: relay through quay-1", the first few of a side, for where there is little room. */
export function firstWords(side: Side, most: number): { readonly lines: readonly string[]; readonly more: number } {
  const lines = previewLines(side)
  return {
    lines: lines.slice(0, most).map(({ who, selector, what }) => `${who}${selector === undefined ? '' : ` ${selector}`}: ${what}`),
    more: Math.max(0, lines.length - most) + side.total - side.rows.length,
  }
}

/** Nobody gains or loses anything, and no route moves. */
export function changesNothing({ gains, loses, totalPaths }: PolicyPreview): boolean {
  return gains.total === 0 && loses.total === 0 && totalPaths === 0
}

function whoWords({ count, names, group }: Named): Pick<PreviewLine, 'who' | 'selector'> {
  if (group === '*') return { who: `all ${number(count)} machines` }
  // Few are named: that says more than what they have in common.
  if (group !== undefined && count > maxNamed) return { who: `${number(count)} machines of`, selector: group }
  return { who: namesWords(names, count) }
}

/** "ams and fra", "a, b, c and 9 more". */
export function namesWords(names: readonly string[], count: number): string {
  return listedUpTo(maxNamed, names, count)
}

function whatWords({ kind, detail, what, isAll }: Row): string {
  switch (kind) {
    case 'relay': return `relay through ${isAll && what.count > 1 ? `all ${number(what.count)} relays` : targets(what, 'relays')}`
    case 'terms': return `${detail} on ${targets(what, 'relays')}`
    case 'reach': return `reach ${targets(what, 'machines')}${detail === '*' ? ', any port' : `, ${detail}`}`
    case 'capability': return `${targets(what, 'machines')}, ${detail}`
    case 'attribute': return detail
  }
}

function targets({ count, names, group }: Named, noun: string): string {
  if (group === '*') return `all ${number(count)} machines`
  if (count <= maxNamed) return namesWords(names, count)
  return group === undefined ? namesWords(names, count) : `${number(count)} ${noun} of ${group}`
}

function hidden({ who, what }: Row): Pick<PreviewLine, 'names' | 'more'> {
  const sides = [who, what].filter(({ count, group }) => count > maxNamed || group === '*')
  const shown = sides[0] ?? who
  return sides.length === 0 ? { names: [], more: 0 } : { names: shown.names, more: shown.count - shown.names.length }
}

function number(value: number): string {
  return value.toLocaleString('en')
}

/** "2 machines gain", "1 machine loses", "Nobody gains anything". */
export function sideWords({ machines, total }: Side, side: 'gains' | 'loses'): string {
  if (total === 0) return side === 'gains' ? 'Nobody gains anything' : 'Nobody loses anything'
  const verb = side === 'gains' ? 'gain' : 'lose'
  // What lies behind routers can gain, too, without any machine doing so.
  if (machines === 0) return side === 'gains' ? 'Subnets gain' : 'Subnets lose'
  return machines === 1 ? `1 machine ${verb}s` : `${number(machines)} machines ${verb}`
}
