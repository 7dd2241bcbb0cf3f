import { type AddressRange, formatRange } from '../address.ts'
import type { Class } from './classes.ts'
import type { End } from './ends.ts'
import type { Rules } from './rules.ts'

/** Machines, and what lies behind routers, by name. */
export type Named = {
  /** How many they are, all of them. */
  readonly count: number
  /** The first of them: machines by name, then prefixes. */
  readonly names: readonly string[]
  /** The selector of one of the policies that selects exactly these, such as `group:eng`; `*`: all machines. */
  readonly group?: string
}

/** More names than these are counted. */
const maxNames = 100

export function namesOf(ends: readonly End[]): string[] {
  const machines = ends.flatMap((end) => (end.kind === 'machine' ? end.node.name : []))
  /** By route. Bounded by the ends. */
  const parts = new Map<string, { readonly ranges: AddressRange[]; readonly carriers: string }>()
  for (const end of ends) {
    if (end.kind !== 'subnet') continue
    const known = parts.get(end.route) ?? { ranges: [], carriers: end.carriers.map(({ name }) => name).join(' and ') }
    known.ranges.push(end.range)
    parts.set(end.route, known)
  }
  const subnets = [...parts.values()].flatMap(({ ranges, carriers }) => joined(ranges).map((range) => `${formatRange(range)} behind ${carriers}`))
  const internet = ends.some(({ kind }) => kind === 'internet') ? ['the internet through exit nodes'] : []
  return [...machines.toSorted(), ...subnets.toSorted(), ...internet]
}

function joined(ranges: readonly AddressRange[]): AddressRange[] {
  const out: AddressRange[] = []
  for (const range of ranges.toSorted((a, b) => (a.first < b.first ? -1 : 1))) {
    const last = out.at(-1)
    if (last !== undefined && last.last + 1n === range.first) out[out.length - 1] = { ...last, last: range.last }
    else out.push(range)
  }
  return out
}

/** Names sets of classes; what names exactly a set is looked for among the machines' tags, and the selectors of the two policies. */
export function namer({ selectors }: Rules, classes: readonly Class[]): (set: readonly Class[]) => Named {
  const machines = classes.reduce((sum, { kind, ends }) => sum + (kind === 'machine' ? ends.length : 0), 0)
  /** How many machines each selects. Bounded by the selectors, and by the tags of machines. */
  const bySelector = new Map<number, number>()
  const byTag = new Map<string, number>()
  for (const { ends, kind, selectors: hit } of classes) {
    if (kind !== 'machine') continue
    for (const selector of hit) bySelector.set(selector, (bySelector.get(selector) ?? 0) + ends.length)
    for (const tag of ends.flatMap(tagsOf)) byTag.set(tag, (byTag.get(tag) ?? 0) + 1)
  }
  const named = selectors.flatMap(({ key, selector: { kind } }, number) => (kind === 'group' || kind === 'autogroup' || kind === 'domain' ? [{ key, number }] : []))

  function groupOf(set: readonly Class[], count: number): string | undefined {
    if (count < 2 || set.some(({ kind }) => kind !== 'machine')) return undefined
    if (count === machines) return '*'
    const [first, ...others] = set.flatMap(({ ends }) => ends)
    const tag = first && tagsOf(first).find((candidate) => byTag.get(candidate) === count && others.every((end) => tagsOf(end).includes(candidate)))
    return tag ?? named.find(({ number }) => bySelector.get(number) === count && set.every(({ selectors: hit }) => hit.includes(number)))?.key
  }

  return (set) => {
    const names = namesOf(set.flatMap(({ ends }) => ends))
    const group = groupOf(set, names.length)
    return { count: names.length, names: names.slice(0, maxNames), ...(group === undefined ? {} : { group }) }
  }
}

function tagsOf(end: End): readonly string[] {
  return end.kind === 'machine' ? end.node.tags : []
}
