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

/** So many machines of one row have lines of their own. */
const maxOwnLines = 4
/** So many names are written out. */
const maxNamed = 3

export function previewLines({ rows }: Side): PreviewLine[] {
  return rows.flatMap((row, at) => {
    const what = whatWords(row)
    if (row.who.count <= maxOwnLines && (row.isAll || row.what.count <= maxNamed)) {
      return row.who.names.map((name): PreviewLine => ({ key: `${at} ${name}`, who: name, what, names: [], more: 0 }))
    }
    return [{ key: String(at), ...whoWords(row.who), what, ...hidden(row) }]
  })
}

function whoWords({ count, names, group }: Named): Pick<PreviewLine, 'who' | 'selector'> {
  if (group === '*') return { who: `all ${number(count)} machines` }
  if (group !== undefined) return { who: `${number(count)} ${count === 1 ? 'machine' : 'machines'} of`, selector: group }
  return { who: listed(names, count) }
}

/** "ams and fra", "a, b, c and 9 more". */
export function listed(names: readonly string[], count: number): string {
  const [first = '', ...others] = names
  if (count === 1) return first
  if (count <= maxNamed) return `${names.slice(0, count - 1).join(', ')} and ${others[count - 2] ?? ''}`
  return `${names.slice(0, maxNamed).join(', ')} and ${number(count - maxNamed)} more`
}

function whatWords({ kind, detail, what, isAll }: Row): string {
  switch (kind) {
    case 'relay': return isAll && what.count > 1 ? `all ${number(what.count)} relays` : targets(what, 'relays')
    case 'terms': return `${detail} on ${targets(what, 'relays')}`
    case 'reach': return `${targets(what, 'machines')}${detail === '*' ? ', any port' : `, ${detail}`}`
    case 'capability': return `${targets(what, 'machines')}, ${detail}`
    case 'attribute': return detail
  }
}

function targets({ count, names, group }: Named, noun: string): string {
  if (group === '*') return `all ${number(count)} machines`
  if (count <= maxNamed) return listed(names, count)
  return group === undefined ? listed(names, count) : `${number(count)} ${noun} of ${group}`
}

function hidden({ who, what }: Row): Pick<PreviewLine, 'names' | 'more'> {
  const sides = [who, what].filter(({ count, group }) => count > maxNamed || group !== undefined)
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
