import { overlaps, prefixesOf } from '../address.ts'
import { type CompiledGrant, type CompiledPolicy, hitBits, type Subject } from '../compile.ts'
import { defaultProtocols } from '../ports.ts'
import { network6 } from '../route.ts'
import { literalRanges } from '../selector.ts'
import { isDestination, isSource, meets, type Party, type Sources } from './party.ts'

/** What a test asks of a destination besides who: one port, over one of these protocols. */
export type Way = { readonly port: number; readonly protocols: readonly number[] }

/** What rules of the whole network are looked through with. */
export type Reach = Sources & {
  /** Machines that something is behind, for `via`. */
  readonly routers: readonly Subject[]
}

/** Whether the ports of a rule have the one asked for. */
export function opens(grant: CompiledGrant, { port, protocols }: Way): boolean {
  return grant.ip.some((entry) => entry.ports.some(({ first, last }) => first <= port && port <= last) &&
    (entry.protocol === undefined ? defaultProtocols : [entry.protocol]).some((protocol) => protocols.includes(protocol)))
}

/** Whether a `via` grant leads to a party, whoever comes. */
export function leadsByWay({ routers, compiled }: Reach, grant: CompiledGrant, to: Party): boolean {
  return routers.some((router) => hitBits(router, grant.via) !== 0 && isKept(compiled, grant, router, to))
}

/** Whether a router holds, by a `via` grant, a rule with a destination of the party: prefixes that overlap its routes, as written (spec/policy.md §7.7). */
function isKept(compiled: CompiledPolicy, grant: CompiledGrant, router: Subject, to: Party): boolean {
  return grant.dst.some(({ selector }) => {
    const found = compiled.selectors[selector]
    if (found?.kind === 'internet') return router.exit && isDestination(compiled, selector, to)
    // Only routes of 4via6 lie in the network's own addresses.
    const ranges = found?.kind === 'any' ? [network6] : literalRanges(found) ?? []
    return ranges.flatMap(prefixesOf).some(({ range }) => meets(to, range) && router.routes.some((route) => overlaps(route, range)))
  })
}

/** Whether a party is among the sources of a grant. */
export function comesFrom(reach: Reach, grant: CompiledGrant, from: Party): boolean {
  return grant.src.some(({ selector }) => isSource(reach, selector, from))
}

/** The people whose untagged machines are in a party. */
export function ownersOf(parties: readonly Party[]): ReadonlySet<string> {
  return new Set(parties.flatMap(({ machines }) => machines.flatMap(({ subject: { node } }) => (node.tags.length === 0 && node.owner !== undefined ? [node.owner.toLowerCase()] : []))))
}

/** Whether a grant for machines of one person among themselves leads from a party to machines of these people: both addresses of each count then (spec/policy.md §7.5). */
export function isAmongSelf(grant: CompiledGrant, from: Party, owners: ReadonlySet<string>): boolean {
  return grant.self !== undefined && grant.via.length === 0 && from.machines.some(({ subject }) =>
    subject.node.tags.length === 0 && owners.has(subject.node.owner?.toLowerCase() ?? '') && hitBits(subject, grant.src) !== 0)
}
