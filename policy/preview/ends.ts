import { type AddressRange, contains, overlaps, parseAddress } from '../address.ts'
import { type CompiledPolicy, isSelected, subjectOf } from '../compile.ts'
import type { PolicyNode } from '../model.ts'
import { isExitRoute, subnetRange } from '../route.ts'
import type { Selector } from '../selector.ts'
import type { SharedSelector } from './rules.ts'

/** What a rule can be from or to: a machine, a part of what routers carry that no rule divides further, or what lies behind exit nodes. */
export type End =
  | { readonly kind: 'machine'; readonly node: PolicyNode }
  | { readonly kind: 'subnet'; readonly route: string; readonly range: AddressRange; readonly carriers: readonly PolicyNode[] }
  | { readonly kind: 'internet'; readonly carriers: readonly PolicyNode[] }

/** An end, the families of its addresses, and by each selector that hits it the addresses that it hits, as bits. In the order of the selectors. */
export type Hits = { readonly end: End; readonly families: readonly (4 | 6)[]; readonly hits: readonly (readonly [selector: number, bits: number])[] }

/** A machine has two addresses; more are not seen by policy. */
const maxAddresses = 8

export function endsOf(selectors: readonly SharedSelector[], nodes: readonly PolicyNode[]): Hits[] {
  return [...machineEnds(selectors, nodes), ...subnetEnds(selectors, nodes), ...internetEnd(selectors, nodes)]
}

function literalRanges(selector: Selector): readonly AddressRange[] | undefined {
  if (selector.kind === 'range') return [selector.range]
  return selector.kind === 'ipset' ? selector.ranges : undefined
}

function machineEnds(selectors: readonly SharedSelector[], nodes: readonly PolicyNode[]): Hits[] {
  const machines = nodes.map((node) => {
    const addresses = node.addresses.slice(0, maxAddresses).flatMap((text) => parseAddress(text) ?? [])
    return { end: { kind: 'machine', node } as const, addresses, families: addresses.map(({ family }) => family), hits: [] as [number, number][] }
  })
  const identities = identitiesOf(selectors, nodes)
  for (const [at, machine] of machines.entries()) {
    const all = (1 << machine.addresses.length) - 1
    if (all !== 0) for (const selector of identities[at] ?? []) machine.hits.push([selector, all])
  }
  const placed = ([4, 6] as const).map((family) => ({
    family,
    addresses: machines
      .flatMap((machine) => machine.addresses.flatMap((address, bit) => (address.family === family ? { value: address.value, machine, bit } : [])))
      .toSorted((a, b) => (a.value < b.value ? -1 : a.value > b.value ? 1 : 0)),
  }))
  for (const [number, { selector }] of selectors.entries()) {
    for (const range of literalRanges(selector) ?? []) {
      const addresses = placed.find(({ family }) => family === range.family)?.addresses ?? []
      for (let at = firstFrom(addresses, range.first); at < addresses.length; at++) {
        const found = addresses[at]
        if (found === undefined || found.value > range.last) break
        addHit(found.machine.hits, number, 1 << found.bit)
      }
    }
  }
  return machines.map(({ end, families, hits }) => ({ end, families, hits: hits.toSorted(([a], [b]) => a - b) }))
}

/** Literals come one after the other: what this one has hit already is the last entry. */
function addHit(hits: [number, number][], selector: number, bits: number): void {
  const last = hits.at(-1)
  if (last?.[0] === selector) last[1] |= bits
  else hits.push([selector, bits])
}

function firstFrom(sorted: readonly { readonly value: bigint }[], value: bigint): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle]?.value ?? value) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** By node the selectors that are not of addresses and that hit it: the same for all with the same tags, person and role. */
function identitiesOf(selectors: readonly SharedSelector[], nodes: readonly PolicyNode[]): (readonly number[])[] {
  const named = selectors.flatMap(({ selector, compiled, number }, at) => (literalRanges(selector) === undefined ? { compiled, number, at } : []))
  /** Bounded by the nodes. */
  const known = new Map<string, readonly number[]>()
  return nodes.map((node) => {
    const key = JSON.stringify([node.tags.toSorted(), node.owner?.toLowerCase(), node.ownerRole])
    const made = known.get(key) ?? identity(named, node)
    known.set(key, made)
    return made
  })
}

function identity(named: readonly { readonly compiled: CompiledPolicy; readonly number: number; readonly at: number }[], node: PolicyNode): number[] {
  // One address that no literal is asked about, and nothing behind it.
  const { routes: _, ...bare } = { ...node, addresses: ['100.64.0.0'] }
  /** Two policies. */
  const subjects = new Map<CompiledPolicy, ReturnType<typeof subjectOf>>()
  return named.flatMap(({ compiled, number, at }) => {
    const subject = subjects.get(compiled) ?? subjectOf(compiled, bare)
    subjects.set(compiled, subject)
    return isSelected(subject, [{ selector: number, text: '', line: 0 }]) ? at : []
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
