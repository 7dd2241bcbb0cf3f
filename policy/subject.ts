import { type Address, type AddressRange, overlaps, parseAddress } from './address.ts'
import type { CompiledGrant, CompiledPolicy, SelectorUse } from './compile.ts'
import type { PolicyNode } from './model.ts'
import { lookupOf } from './network/lookup.ts'
import { inNetwork6, isExitRoute, subnetRange } from './route.ts'

/**
 * A node seen through a policy: for each selector a bit per address of the node (bit 0 is the first address).
 * Identity selectors (people, groups, tags, autogroups, `*`) hit all addresses; literals only those they contain (spec/policy.md §3.3).
 */
export type Subject = {
  readonly node: PolicyNode
  readonly addresses: readonly Address[]
  readonly hits: Uint8Array
  /** Prefixes behind it that it routes, without exit routes. */
  readonly routes: readonly AddressRange[]
  readonly exit: boolean
  /** By selector: 1 where it selects something behind the node: a literal a route, `autogroup:internet` an exit node. Empty: nothing is behind it. */
  readonly behind: Uint8Array
}

const nothingBehind = new Uint8Array()

/** Addresses of a node beyond these are not seen by policy: a node has two. */
const maxAddresses = 8

export function addressesOf(node: PolicyNode): Address[] {
  return node.addresses.slice(0, maxAddresses).flatMap((text) => parseAddress(text) ?? [])
}

/** What it routes for others: subnets, and whether it is an exit node. */
export function routingOf({ routes = [] }: PolicyNode): Pick<Subject, 'routes' | 'exit'> {
  return { routes: routes.flatMap((route) => subnetRange(route) ?? []), exit: routes.some(isExitRoute) }
}

export function subjectOf(compiled: CompiledPolicy, node: PolicyNode): Subject {
  const lookup = lookupOf(compiled)
  const addresses = addressesOf(node)
  const hits = new Uint8Array(compiled.selectors.length)
  for (const selector of lookup.byIdentity(node).selectors) hits[selector] = (1 << addresses.length) - 1
  for (const [i, address] of addresses.entries()) {
    for (const selector of lookup.byAddress(address)) hits[selector] = (hits[selector] ?? 0) | (1 << i)
  }
  const { routes, exit } = routingOf(node)
  const behind = routes.length === 0 && !exit ? nothingBehind : new Uint8Array(compiled.selectors.length)
  if (behind !== nothingBehind) for (const selector of lookup.behind(routes, exit)) behind[selector] = 1
  return { node, addresses, hits, routes, exit, behind }
}

/** The addresses of a subject that any of these selectors hits, as bits. */
export function hitBits(subject: Subject, uses: readonly SelectorUse[]): number {
  let bits = 0
  for (const use of uses) bits |= subject.hits[use.selector] ?? 0
  return bits
}

/** Whether any of these selectors selects an address of the subject, or something behind it (spec/policy.md §8). */
export function isSelected(subject: Subject, uses: readonly SelectorUse[]): boolean {
  return uses.some(({ selector }) => (subject.hits[selector] ?? 0) !== 0 || (subject.behind[selector] ?? 0) !== 0)
}

/** Two machines of one person, or one and the same; tagged ones are nobody's (spec/policy.md §7.5). */
export function isSamePerson(a: PolicyNode, b: PolicyNode): boolean {
  return a.owner !== undefined && a.tags.length === 0 && b.tags.length === 0 && a.owner.toLowerCase() === b.owner?.toLowerCase()
}

/** Whether a grant leads through this router: it has one of the tags of `via`, and some destination is behind it (spec/policy.md §7.7). */
export function isVia({ selectors }: CompiledPolicy, grant: CompiledGrant, router: Subject): boolean {
  return hitBits(router, grant.via) !== 0 && grant.dst.some(({ selector }) => {
    const found = selectors[selector]
    return found !== undefined && isBehind(router, found)
  })
}

/** Whether what a selector stands for, but for addresses of nodes, is behind a router: of `*` only the routes that are inside the network's own IPv6 range. */
export function isBehind({ routes, exit }: Pick<Subject, 'routes' | 'exit'>, selector: CompiledPolicy['selectors'][number]): boolean {
  switch (selector.kind) {
    case 'internet': return exit
    case 'any': return routes.some(inNetwork6)
    case 'range': return routes.some((route) => overlaps(route, selector.range))
    case 'ipset': return routes.some((route) => selector.ranges.some((range) => overlaps(route, range)))
    default: return false
  }
}
