import { formatRange } from '../address.ts'
import { driveCapability } from '../capability.ts'
import type { CompiledGrant, CompiledPolicy, SelectorUse } from '../compile.ts'
import { grantTerms } from '../relay-terms.ts'
import { givesRelay } from '../access.ts'
import { selectorKey } from '../selector.ts'
import { BitSet } from './bit-set.ts'

/** The sources or the destinations of grants: each list of selectors once. Sources and companions' targets have their addresses from it. */
export type Side = {
  /** The same for the same selectors, whatever the document around them. */
  readonly key: string
  readonly selectors: readonly number[]
  readonly hasAny: boolean
  readonly isEverywhere: boolean
  /** Literals as written. */
  readonly literals: readonly string[]
  /** Those of whose nodes it has all addresses. */
  readonly identities: ReadonlySet<number>
  /** Whom it selects, it selects by what they are. */
  readonly isPure: boolean
  /** Profiles of which it selects an address, or something behind them. */
  readonly profiles: BitSet
  readonly asSource: Link[]
  readonly asDestination: Link[]
  /** Profiles at the other ends of its grants: whom those see that it selects. Each set once. */
  readonly others: Set<BitSet>
}

/** A grant between two sides. */
export type Link = {
  readonly grant: CompiledGrant
  readonly src: Side
  readonly dst: Side
  readonly givesRelay: boolean
  readonly givesDrive: boolean
  readonly prefer: number
  /** Of a grant with `via`: profiles of the routers that it leads through. */
  readonly routers: BitSet
}

export type Links = {
  readonly all: readonly Link[]
  readonly sides: readonly Side[]
  /** By selector. */
  readonly ofSelector: readonly (readonly Side[])[]
  readonly self: readonly Link[]
  readonly via: readonly Link[]
  /** Selectors that decide which rules a node holds, and not only who is in them. */
  readonly ofRules: ReadonlySet<number>
  /** Whether a client is told of relays by rank. */
  readonly hasTiers: boolean
}

/** Links of a policy, for one index: it holds what is selected in them. Grants without sources, or that give nothing, have none. */
export function linksOf(compiled: CompiledPolicy): Links {
  /** By key. Bounded: two for each grant of the policy. */
  const sides = new Map<string, Side>()
  const side = (uses: readonly SelectorUse[]): Side => {
    const selectors = [...new Set(uses.map(({ selector }) => selector))].filter((selector) => compiled.selectors[selector]?.kind !== 'self')
    const key = selectors.map((selector) => keyOf(compiled, selector)).toSorted().join('\n')
    const known = sides.get(key) ?? makeSide(compiled, key, selectors)
    sides.set(key, known)
    return known
  }
  const all = compiled.grants.filter(({ src, dst, ip, app }) => src.length > 0 && dst.length > 0 && ip.length + app.size > 0).map((grant): Link => {
    const hasRelay = givesRelay(grant)
    const link = {
      grant, src: side(grant.src), dst: side(grant.dst), routers: new BitSet(), prefer: hasRelay ? grantTerms(grant).prefer : 0,
      givesRelay: hasRelay, givesDrive: grant.via.length === 0 && grant.app.has(driveCapability),
    }
    link.src.asSource.push(link)
    link.dst.asDestination.push(link)
    link.src.others.add(grant.via.length === 0 ? link.dst.profiles : link.routers)
    if (grant.via.length === 0) link.dst.others.add(link.src.profiles)
    return link
  })
  const ofSelector: Side[][] = compiled.selectors.map(() => [])
  for (const one of sides.values()) for (const selector of one.selectors) ofSelector[selector]?.push(one)
  const ranks = new Set(all.filter((link) => link.givesRelay).map(({ prefer }) => prefer))
  const deciding = all.flatMap((link) => [
    ...link.dst.selectors, ...link.grant.via.map(({ selector }) => selector),
    // Companions are held by sources.
    ...(link.givesRelay || link.givesDrive || link.grant.self !== undefined ? link.src.selectors : []),
  ])
  return {
    ofRules: new Set(deciding),
    all, ofSelector, sides: [...sides.values()], hasTiers: ranks.size > 1,
    self: all.filter(({ grant }) => grant.self !== undefined && grant.via.length === 0), via: all.filter(({ grant }) => grant.via.length > 0),
  }
}

function keyOf({ selectors }: CompiledPolicy, selector: number): string {
  const found = selectors[selector]
  return found === undefined ? '' : selectorKey(found)
}

function makeSide({ selectors: known }: CompiledPolicy, key: string, selectors: readonly number[]): Side {
  const literals: string[] = []
  const identities = new Set<number>()
  const kinds = new Set<string>()
  for (const number of selectors) {
    const selector = known[number]
    if (selector === undefined) continue
    kinds.add(selector.kind)
    if (selector.kind === 'range') literals.push(formatRange(selector.range))
    else if (selector.kind === 'ipset') literals.push(...selector.ranges.map(formatRange))
    else if (selector.kind !== 'any' && selector.kind !== 'danger-all' && selector.kind !== 'internet') identities.add(number)
  }
  return {
    key, selectors, literals, identities, hasAny: kinds.has('any'), isEverywhere: kinds.has('danger-all'), isPure: identities.size === selectors.length, profiles: new BitSet(),
    asSource: [], asDestination: [], others: new Set(),
  }
}
