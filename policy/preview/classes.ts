import type { PolicyNode } from '../model.ts'
import { inNetwork6 } from '../route.ts'
import { type End, endsOf, type Hits } from './ends.ts'
import type { Rule, Rules } from './rules.ts'

/** A set of rules as bits. */
export type Bits = Uint32Array

/** Ends that neither policy tells apart, and for them the rules that have them as a source or destination. */
export type Class = {
  readonly ends: readonly End[]
  readonly kind: End['kind']
  readonly isRelay: boolean
  /** The person whose untagged machines they are; absent when no rule asks. */
  readonly owner?: string
  readonly addresses: readonly { readonly family: 4 | 6; readonly src: Bits; readonly dst: Bits }[]
  readonly src4: Bits
  readonly src6: Bits
  readonly dst4: Bits
  readonly dst6: Bits
  /** Of any address. */
  readonly src: Bits
  readonly dst: Bits
  readonly selectors: readonly number[]
}

export const wordsFor = (count: number): number => (count + 31) >>> 5

export function classesOf({ selectors, rules }: Rules, nodes: readonly PolicyNode[], isRelay: (node: PolicyNode) => boolean): Class[] {
  const bySelector = index(rules, selectors.length)
  const asksOwner = rules.some((rule) => rule.isSelf)
  /** By what tells them apart. Bounded by the ends. */
  const alike = new Map<string, { readonly first: Hits; readonly owner: string | undefined; readonly isRelay: boolean; readonly ends: End[] }>()
  for (const each of endsOf(selectors, nodes)) {
    const { end } = each
    const owner = asksOwner && end.kind === 'machine' && end.node.tags.length === 0 ? end.node.owner?.toLowerCase() : undefined
    const relay = end.kind === 'machine' && isRelay(end.node)
    const key = `${distinct(end)} ${relay ? 1 : 0} ${owner ?? ''} ${each.families.join('')} ${each.hits.join(' ')}`
    const known = alike.get(key)
    if (known === undefined) alike.set(key, { first: each, owner, isRelay: relay, ends: [end] })
    else known.ends.push(end)
  }
  return [...alike.values()].map(({ first, ends, owner, isRelay: relay }) => makeClass({ first, ends, owner, relay, rules, bySelector, selectors }))
}

/** Of ends that nothing else tells apart: a route is itself, and so is a router. */
function distinct(end: End): string {
  if (end.kind === 'machine') return `machine ${(end.node.routes ?? []).join()}`
  return end.kind === 'subnet' ? `subnet ${end.route}` : 'internet'
}

type Index = { readonly src: readonly (readonly number[])[]; readonly dst: readonly (readonly number[])[] }

function index(rules: readonly Rule[], selectors: number): Index {
  const src = Array.from({ length: selectors }, (): number[] => [])
  const dst = Array.from({ length: selectors }, (): number[] => [])
  for (const [number, rule] of rules.entries()) {
    for (const selector of rule.src) src[selector]?.push(number)
    for (const selector of rule.dst) dst[selector]?.push(number)
  }
  return { src, dst }
}

type Making = {
  readonly first: Hits
  readonly ends: readonly End[]
  readonly owner: string | undefined
  readonly relay: boolean
  readonly rules: readonly Rule[]
  readonly bySelector: Index
  readonly selectors: Rules['selectors']
}

function makeClass({ first, ends, owner, relay, rules, bySelector, selectors }: Making): Class {
  const words = wordsFor(rules.length)
  const { end, families, hits } = first
  const addresses = families.map((family) => ({ family, src: new Uint32Array(words), dst: new Uint32Array(words) }))
  for (const [selector, bits] of hits) {
    for (const [at, { src, dst }] of addresses.entries()) {
      if ((bits & (1 << at)) === 0) continue
      for (const rule of bySelector.src[selector] ?? []) setBit(src, rule)
      for (const rule of bySelector.dst[selector] ?? []) if (leadsTo(rules[rule], end, selector, selectors)) setBit(dst, rule)
    }
  }
  const of = (side: 'src' | 'dst', ...wanted: number[]): Bits => {
    const bits = new Uint32Array(words)
    for (const address of addresses) if (wanted.includes(address.family)) for (let w = 0; w < words; w++) bits[w] = (bits[w] ?? 0) | (address[side][w] ?? 0)
    return bits
  }
  return {
    ends, kind: end.kind, isRelay: relay, ...(owner === undefined ? {} : { owner }), addresses,
    src4: of('src', 4), src6: of('src', 6), dst4: of('dst', 4), dst6: of('dst', 6), src: of('src', 4, 6), dst: of('dst', 4, 6),
    selectors: hits.map(([selector]) => selector),
  }
}

/** Whether a rule with this selector as a destination leads to the end: one with `via` only to what lies behind a router with its tag (spec/policy.md §7.7). */
function leadsTo(rule: Rule | undefined, end: End, selector: number, selectors: Rules['selectors']): boolean {
  if (rule === undefined) return false
  if (rule.via.length === 0) return true
  if (end.kind === 'machine') return false
  // By a router `*` reaches nothing but routes inside the network's own range.
  if (selectors[selector]?.selector.kind === 'any' && (end.kind !== 'subnet' || !inNetwork6(end.range))) return false
  return end.carriers.some((carrier) => carries(rule, carrier, selectors))
}

/** Whether a router has a tag that the rule goes through. */
export function carries(rule: Rule, carrier: PolicyNode, selectors: Rules['selectors']): boolean {
  return rule.via.some((via) => {
    const selector = selectors[via]?.selector
    return selector?.kind === 'tag' && carrier.tags.includes(selector.name)
  })
}

export function setBit(bits: Bits, at: number): void {
  const word = at >>> 5
  bits[word] = (bits[word] ?? 0) | (1 << (at & 31))
}

export function hasBit(bits: Bits, at: number): boolean {
  return ((bits[at >>> 5] ?? 0) >>> (at & 31) & 1) === 1
}
