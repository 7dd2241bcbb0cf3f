import { attributesOf } from '../attributes.ts'
import { type CompiledPolicy, subjectOf } from '../compile.ts'
import type { PolicyNode } from '../model.ts'
import { type Class, classesOf } from './classes.ts'
import { namer, type Named } from './names.ts'
import { pathChanges } from './paths.ts'
import { comparison, type Delta } from './pairs.ts'
import { rulesOf } from './rules.ts'

/** Of some, what they gain or lose towards others: the use of relays or a limit on it, ports, or a capability; or a node attribute of their own. */
export type PreviewRow = {
  readonly kind: Delta['kind'] | 'attribute'
  /** The limit in words, ports as grants write them, the capability or the attribute; empty for relays. */
  readonly detail: string
  readonly who: Named
  readonly what: Named
  /** Of relays: these are all that there are. */
  readonly isAll: boolean
}

export type PreviewSide = {
  /** How many machines are in some row, each once. */
  readonly machines: number
  /** Their ids, each once. */
  readonly ids: readonly number[]
  /** The first rows: relays, ports, capabilities. */
  readonly rows: readonly PreviewRow[]
  /** How many rows there are in all. */
  readonly total: number
}

/** Machines that reach the same as before, but through other routers. */
export type PathMove = { readonly who: Named; readonly route: string; readonly from: readonly string[]; readonly to: readonly string[] }

export type Preview = {
  readonly gains: PreviewSide
  readonly loses: PreviewSide
  /** The first of them, and how many there are. */
  readonly paths: readonly PathMove[]
  readonly totalPaths: number
}

/** More rows a side are counted. */
const maxRows = 100

export type PreviewOptions = {
  /** Which nodes are relays, up or not: to others a grant gives nothing. */
  readonly isRelay: (node: PolicyNode) => boolean
  /** Who carries a route that several routers have; absent or undefined: the first of them. */
  readonly primary?: (route: string) => number | undefined
}

/** Who gains and who loses what when one policy follows another. */
export function previewPolicy(before: CompiledPolicy, after: CompiledPolicy, nodes: readonly PolicyNode[], { isRelay, primary }: PreviewOptions): Preview {
  const rules = rulesOf(before, after)
  const classes = classesOf(rules, nodes, isRelay)
  const name = namer(rules, classes)
  const relays = classes.reduce((sum, { isRelay: is, ends }) => sum + (is ? ends.length : 0), 0)
  const changes = [...changesOf(classes, comparison(rules)), ...attributeChanges(before, after, classes)]
  const side = (gain: boolean): PreviewSide => {
    const of = changes.filter(({ delta }) => delta.gain === gain)
    const who = new Set(of.flatMap(({ sources }) => sources))
    const ids = [...who].flatMap(({ ends }) => ends.flatMap((end) => (end.kind === 'machine' ? end.node.id : [])))
    const rows = of.toSorted((a, b) => order[a.delta.kind] - order[b.delta.kind] || size(b.sources) - size(a.sources) || size(b.targets) - size(a.targets))
    return {
      machines: ids.length, ids,
      rows: rows.slice(0, maxRows).map(({ delta, sources, targets }) => {
        const only = sources.length === 1 && sources[0]?.ends.length === 1 ? sources[0] : undefined
        // Nobody gains or loses anything towards itself.
        const others = targets.filter((target) => target !== only)
        const isAll = delta.kind === 'relay' && size(others) === relays - (only?.isRelay === true ? 1 : 0)
        return { kind: delta.kind, detail: delta.detail, who: name(sources), what: name(others), isAll }
      }),
      total: rows.length,
    }
  }
  const paths = pathChanges(rules, classes, primary ?? (() => undefined))
  return {
    gains: side(true), loses: side(false), totalPaths: paths.length,
    paths: paths.slice(0, maxRows).map(({ route, from, to, sources }) => ({ who: name(sources), route, from: from.map((router) => router.name), to: to.map((router) => router.name) })),
  }
}

const order: Readonly<Record<PreviewRow['kind'], number>> = { relay: 0, terms: 1, reach: 2, capability: 3, attribute: 4 }

function size(classes: readonly Class[]): number {
  return classes.reduce((sum, { ends }) => sum + ends.length, 0)
}

type Change = { readonly delta: Omit<Delta, 'kind'> & Pick<PreviewRow, 'kind'>; readonly sources: Class[]; readonly targets: readonly Class[] }

/** What changes, those together that it changes for alike. */
function changesOf(classes: readonly Class[], compare: ReturnType<typeof comparison>): Change[] {
  const destinations = classes.filter(compare.isDestination)
  /** By what changes and towards whom. Bounded by the classes times what changes for one. */
  const rows = new Map<string, Change>()
  for (const source of classes) {
    if (!compare.isSource(source)) continue
    /** Bounded by the ways in which rules combine. */
    const found = new Map<string, { readonly delta: Delta; readonly targets: number[]; others: number }>()
    for (const [at, target] of destinations.entries()) {
      for (const delta of compare.between(source, target)) {
        const key = `${delta.gain ? '+' : '-'} ${delta.kind} ${delta.detail}`
        const known = found.get(key) ?? { delta, targets: [], others: 0 }
        // Alike are also those that have themselves among the targets, so it is one of them but counts for nothing.
        if (areApart(source, target)) known.others++
        known.targets.push(at)
        found.set(key, known)
      }
    }
    for (const [key, { delta, targets, others }] of found) {
      if (others === 0) continue
      const row = `${key} ${targets.join()}`
      const known = rows.get(row)
      if (known === undefined) rows.set(row, { delta, sources: [source], targets: targets.flatMap((at) => destinations[at] ?? []) })
      else known.sources.push(source)
    }
  }
  return [...rows.values()]
}

/** Attributes are of a machine alone: all of a class have the same. */
function attributeChanges(before: CompiledPolicy, after: CompiledPolicy, classes: readonly Class[]): Change[] {
  /** By the attribute. Bounded by those of the two policies. */
  const changes = new Map<string, Change>()
  for (const source of classes) {
    const [end] = source.ends
    if (end?.kind !== 'machine') continue
    const [was, is] = [before, after].map((compiled) => attributesOf(compiled, subjectOf(compiled, end.node)))
    const note = (gain: boolean, names: readonly string[] = [], others: readonly string[] = []): void => {
      for (const detail of names) {
        if (others.includes(detail)) continue
        const key = `${gain} ${detail}`
        const known = changes.get(key)
        if (known === undefined) changes.set(key, { delta: { gain, kind: 'attribute', detail }, sources: [source], targets: [] })
        else known.sources.push(source)
      }
    }
    note(true, is, was)
    note(false, was, is)
  }
  return [...changes.values()]
}

/** Whether anything between the two goes through the network: not to itself, nor between a router and what it carries. */
function areApart(a: Class, b: Class): boolean {
  if (a === b) return a.kind === 'machine' && a.ends.length > 1
  const [one, other] = [a.ends[0], b.ends[0]]
  if (one === undefined || other === undefined || one.kind === 'internet' || other.kind === 'internet') return true
  if (one.kind === 'subnet') return other.kind === 'subnet' ? one.route !== other.route : !one.carriers.includes(other.node)
  return other.kind !== 'subnet' || !other.carriers.includes(one.node)
}
