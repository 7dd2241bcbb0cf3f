import type { Address, AddressRange } from '../address.ts'
import type { CompiledPolicy, SelectorUse } from '../compile.ts'
import type { PolicyNode } from '../model.ts'
import type { FilterRule } from '../rules.ts'
import { isBehind, routingOf } from '../subject.ts'
import type { Entry } from './address-order.ts'
import type { BitSet } from './bit-set.ts'
import { lookupOf } from './lookup.ts'
import type { Plan } from './plan.ts'
import type { Links, Side } from './sides.ts'

/** Nodes that no rule of a policy tells apart. */
export type Profile = {
  readonly key: string
  /** Its bit in sets of profiles; free for another when the last of its nodes is gone. */
  readonly slot: number
  /** By selector that hits: which addresses, as bits. */
  readonly hits: ReadonlyMap<number, number>
  /** Selectors of what is behind. */
  readonly behind: readonly number[]
  readonly families: readonly (4 | 6)[]
  readonly routes: readonly AddressRange[]
  readonly exit: boolean
  /** Whose untagged machines they are, where the policy has `autogroup:self`. */
  readonly owner: string | undefined
  /** Profiles with the same have the same plan. */
  readonly planKey: string
  /** Sides that select it. */
  readonly sides: ReadonlySet<Side>
  readonly members: Map<number, Member>
  plan?: Plan | undefined
  /** Profiles that its nodes see. */
  peers?: BitSet | undefined
  /** Profiles that may use its nodes as relays. */
  serves?: BitSet | undefined
}

/** A node of the index. */
export type Member = {
  readonly node: PolicyNode
  readonly profile: Profile
  readonly addresses: readonly Address[]
  readonly entries: readonly Entry[]
  readonly standing: Standing
  /** Its rules, by the templates of its plan. */
  made?: { readonly plan: Plan; readonly rules: readonly (FilterRule | undefined)[]; readonly filter: readonly FilterRule[] } | undefined
}

/** What policy does not decide of a node. */
export type Standing = {
  /** Others hear of it. */
  readonly isShown: boolean
  /** It relays. */
  readonly isUp: boolean
  /** It relays, but may just have gone: clients are told of those that follow it, too. */
  readonly isDoubtful: boolean
}

export type Traits = Omit<Profile, 'slot' | 'members' | 'plan' | 'peers' | 'serves'>

/** What of a node decides its profile: equal keys, equal profiles. `make` costs more. */
export function traitsOf(compiled: CompiledPolicy, links: Links, node: PolicyNode, addresses: readonly Address[]): { readonly key: string; readonly make: () => Traits } {
  const lookup = lookupOf(compiled)
  const identity = lookup.byIdentity(node)
  const owner = links.self.length > 0 && node.tags.length === 0 ? node.owner?.toLowerCase() : undefined
  const literals = addresses.map((address) => lookup.byAddress(address))
  const key = `${identity.number} ${literals.map((found) => (found.length > 1 ? found.toSorted((a, b) => a - b) : found).join()).join(' ')} ${addresses.map(({ family }) => family).join()} ${node.routes?.join() ?? ''} ${owner ?? ''}`
  return {
    key,
    make() {
      const all = (1 << addresses.length) - 1
      /** Bounded: selectors of the policy. */
      const hits = new Map<number, number>(identity.selectors.map((selector) => [selector, all]))
      for (const [i, found] of literals.entries()) for (const selector of found) hits.set(selector, (hits.get(selector) ?? 0) | (1 << i))
      const { routes, exit } = routingOf(node)
      const behind = routes.length === 0 && !exit ? [] : lookup.behind(routes, exit)
      const families = addresses.map(({ family }) => family)
      return { key, hits, behind, families, routes, exit, owner, sides: sidesOf(links, hits.keys(), behind), planKey: planKeyOf(links, hits, `${families.join()} ${node.routes?.join() ?? ''} ${owner ?? ''}`) }
    },
  }
}

/** What of it decides its rules: not of whose rules it is only a source. */
function planKeyOf({ ofRules }: Links, hits: ReadonlyMap<number, number>, rest: string): string {
  const deciding = [...hits].filter(([selector]) => ofRules.has(selector)).sort(([a], [b]) => a - b)
  return `${deciding.map(([selector, bits]) => `${selector}:${bits}`).join()} ${rest}`
}

function sidesOf({ ofSelector }: Links, hits: Iterable<number>, behind: Iterable<number>): Set<Side> {
  const found = new Set<Side>()
  for (const selectors of [hits, behind]) for (const selector of selectors) for (const side of ofSelector[selector] ?? []) found.add(side)
  return found
}

/** The addresses that any of these selectors hits, as bits. */
export function hitBitsOf({ hits }: Pick<Profile, 'hits'>, uses: readonly SelectorUse[]): number {
  let bits = 0
  for (const { selector } of uses) bits |= hits.get(selector) ?? 0
  return bits
}

/** Whether a grant with `via` leads through it (spec/policy.md §7.7). */
export function isRouterFor({ selectors }: CompiledPolicy, grant: { readonly dst: readonly SelectorUse[]; readonly via: readonly SelectorUse[] }, profile: Traits): boolean {
  return (profile.routes.length > 0 || profile.exit) && hitBitsOf(profile, grant.via) !== 0 && grant.dst.some(({ selector }) => {
    const found = selectors[selector]
    return found !== undefined && isBehind(profile, found)
  })
}
