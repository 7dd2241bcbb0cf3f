import { type AddressRange, contains, overlaps } from '../address.ts'
import { subjectOf } from '../compile.ts'
import type { PolicyNode } from '../model.ts'
import { isExitRoute, subnetRange } from '../route.ts'
import { literalRanges } from '../selector.ts'
import type { SharedSelector } from './rules.ts'

/** What a rule can be from or to: a machine, a part of what routers carry that no rule divides further, or what lies behind exit nodes. */
export type End =
  | { readonly kind: 'machine'; readonly node: PolicyNode }
  | { readonly kind: 'subnet'; readonly route: string; readonly range: AddressRange; readonly carriers: readonly PolicyNode[] }
  | { readonly kind: 'internet'; readonly carriers: readonly PolicyNode[] }

/** An end, the families of its addresses, and by each selector that hits it the addresses that it hits, as bits. In the order of the selectors. */
export type Hits = { readonly end: End; readonly families: readonly (4 | 6)[]; readonly hits: readonly (readonly [selector: number, bits: number])[] }

export function endsOf(selectors: readonly SharedSelector[], nodes: readonly PolicyNode[]): Hits[] {
  return [...machineEnds(selectors, nodes), ...subnetEnds(selectors, nodes), ...internetEnd(selectors, nodes)]
}

function machineEnds(selectors: readonly SharedSelector[], nodes: readonly PolicyNode[]): Hits[] {
  const policies = [...new Set(selectors.map(({ compiled }) => compiled))]
  return nodes.map((node): Hits => {
    /** One each for the two policies. */
    const subjects = new Map(policies.map((compiled) => [compiled, subjectOf(compiled, node)]))
    const [any] = subjects.values()
    const hits: (readonly [number, number])[] = []
    // Of ten thousand machines each selector is asked: nothing is made for those that do not hit.
    for (let at = 0; at < selectors.length; at++) {
      const selector = selectors[at]
      const bits = selector === undefined ? 0 : subjects.get(selector.compiled)?.hits[selector.number] ?? 0
      if (bits !== 0) hits.push([at, bits])
    }
    return { end: { kind: 'machine', node }, families: any?.addresses.map(({ family }) => family) ?? [], hits }
  })
}

/** Every prefix that is carried, cut where a literal begins or ends. */
function subnetEnds(selectors: readonly SharedSelector[], nodes: readonly PolicyNode[]): Hits[] {
  const literals = selectors.flatMap(({ selector }, number) => (literalRanges(selector) ?? []).map((range) => ({ number, range })))
  const whole = selectors.flatMap(({ selector }, number) => (selector.kind === 'any' || selector.kind === 'danger-all' ? number : []))
  return [...carriersOf(nodes)].flatMap(([route, carriers]) => {
    const range = subnetRange(route)
    if (range === undefined) return []
    const inside = literals.filter((literal) => overlaps(literal.range, range))
    return cuts(range, inside.map((literal) => literal.range)).map((part): Hits => {
      const hit = inside.filter((literal) => contains(literal.range, { family: part.family, value: part.first })).map(({ number }) => number)
      return {
        end: { kind: 'subnet', route, range: part, carriers }, families: [part.family],
        hits: [...new Set([...whole, ...hit])].toSorted((a, b) => a - b).map((number) => [number, 1] as const),
      }
    })
  })
}

function carriersOf(nodes: readonly PolicyNode[]): Map<string, PolicyNode[]> {
  const carriers = new Map<string, PolicyNode[]>()
  for (const node of nodes) {
    for (const route of node.routes ?? []) {
      const known = carriers.get(route)
      if (known === undefined) carriers.set(route, [node])
      else known.push(node)
    }
  }
  return carriers
}

function cuts(range: AddressRange, inside: readonly AddressRange[]): AddressRange[] {
  const starts = new Set([range.first])
  for (const { first, last } of inside) {
    if (first > range.first) starts.add(first)
    if (last < range.last) starts.add(last + 1n)
  }
  const sorted = [...starts].toSorted((a, b) => (a < b ? -1 : 1))
  return sorted.map((first, at) => ({ family: range.family, first, last: (sorted[at + 1] ?? range.last + 1n) - 1n }))
}

function internetEnd(selectors: readonly SharedSelector[], nodes: readonly PolicyNode[]): Hits[] {
  const carriers = nodes.filter((node) => node.routes?.some(isExitRoute))
  if (carriers.length === 0) return []
  const hits = selectors.flatMap(({ selector }, number) => (selector.kind === 'any' || selector.kind === 'internet' ? [[number, 0b11] as const] : []))
  return [{ end: { kind: 'internet', carriers }, families: [4, 6], hits }]
}
