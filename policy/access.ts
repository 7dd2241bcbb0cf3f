import { relayCapability } from './capability.ts'
import { type CompiledGrant, type CompiledPolicy, hitBits, isSamePerson, isSelected, isVia, type Subject, subjectOf } from './compile.ts'
import type { PolicyNode } from './model.ts'

/** A grant by its place in the document. */
export type GrantLine = { readonly grantIndex: number; readonly line: number }

/** A grant that would allow, but for one thing. */
export type NearMiss = GrantLine & { readonly missing: 'source' | 'destination' | 'capability' | 'family' }

export type Access =
  | { readonly allowed: true; readonly lines: readonly GrantLine[] }
  | { readonly allowed: false; readonly nearest?: NearMiss }

/** May `client` allocate on `relay`, and by which lines (spec/coordination.md §5.2). Says nothing of whether either is up. */
export function mayUseRelay(compiled: CompiledPolicy, client: PolicyNode, relay: PolicyNode): Access {
  return relayAccess(compiled, subjectOf(compiled, client), subjectOf(compiled, relay))
}

/** `mayUseRelay` for subjects that are already looked up. */
export function relayAccess(compiled: CompiledPolicy, client: Subject, relay: Subject): Access {
  const lines = compiled.grants.filter((grant) => letsUseRelay(grant, client, relay)).map(lineOf)
  return lines.length > 0 ? { allowed: true, lines } : denied(nearestGrant(compiled, client, relay, givesRelay))
}

/** `relayAccess` without the lines, and without looking for what is missing. */
export function isRelayGranted(compiled: CompiledPolicy, client: Subject, relay: Subject): boolean {
  return compiled.grants.some((grant) => letsUseRelay(grant, client, relay))
}

/** Whether this one grant lets `client` allocate on `relay`. */
export function letsUseRelay(grant: CompiledGrant, client: Subject, relay: Subject): boolean {
  if (!givesRelay(grant)) return false
  const pair = firstPair(client, relay)
  if (pair === undefined) return false
  return ((hitBits(client, grant.src) & pair.src) !== 0 && (hitBits(relay, grant.dst) & pair.dst) !== 0) || isForSelf(grant, client, relay)
}

/** Whether the grant is for machines of one person among themselves, and these are two: both addresses of each count then (spec/policy.md §7.5). */
function isForSelf(grant: CompiledGrant, from: Subject, to: Subject): boolean {
  return grant.self !== undefined && grant.via.length === 0 && hitBits(from, grant.src) !== 0 && isSamePerson(from.node, to.node)
}

/** May `src` open a connection to `dst` on at least one port or protocol, and by which lines. */
export function mayReach(compiled: CompiledPolicy, src: PolicyNode, dst: PolicyNode): Access {
  const from = subjectOf(compiled, src)
  const to = subjectOf(compiled, dst)
  const lines = compiled.grants.filter((grant) => givesIp(grant) && joinsSomeFamily(grant, from, to)).map(lineOf)
  return lines.length > 0 ? { allowed: true, lines } : denied(nearestGrant(compiled, from, to, givesIp))
}

/** Whether a rule of any kind joins the two, in either direction: then each is in the other's peers (spec/policy.md §8). */
export function seeEachOther(compiled: CompiledPolicy, a: Subject, b: Subject): boolean {
  return compiled.grants.some((grant) => leadsTo(compiled, grant, a, b) || leadsTo(compiled, grant, b, a))
}

/** Whether `to` holds a rule of the grant from `from`, or is one of the routers that the grant leads through (spec/policy.md §7.7, §8). */
function leadsTo(compiled: CompiledPolicy, grant: CompiledGrant, from: Subject, to: Subject): boolean {
  if (grant.ip.length === 0 && grant.app.size === 0) return false
  if (grant.via.length > 0) return isSelected(from, grant.src) && isVia(compiled, grant, to)
  return (isSelected(from, grant.src) && isSelected(to, grant.dst)) || isForSelf(grant, from, to)
}

/** What goes through routers alone gives no capability. */
export function givesRelay(grant: CompiledGrant): boolean {
  return grant.via.length === 0 && grant.app.has(relayCapability)
}

/** No node's own address is reached by way of a router. */
function givesIp(grant: CompiledGrant): boolean {
  return grant.via.length === 0 && grant.ip.length > 0
}

export function lineOf(grant: CompiledGrant): GrantLine {
  return { grantIndex: grant.index, line: grant.line }
}

/**
 * The one pair of addresses that a stock client and a stock relay look at for a capability: the source's first address
 * for which the destination has one of the same family, with the destination's first of it (spec/coordination.md §5.2). As bits.
 */
export function firstPair(src: Subject, dst: Subject): { src: number; dst: number } | undefined {
  for (const [i, address] of src.addresses.entries()) {
    const j = dst.addresses.findIndex((other) => other.family === address.family)
    if (j >= 0) return { src: 1 << i, dst: 1 << j }
  }
  return undefined
}

/** Clients pair sources and destinations of a rule by family. */
function joinsSomeFamily(grant: CompiledGrant, from: Subject, to: Subject): boolean {
  const isSelf = isForSelf(grant, from, to)
  const src = isSelf ? ~0 : hitBits(from, grant.src)
  const dst = isSelf ? ~0 : hitBits(to, grant.dst)
  if (src === 0 || dst === 0) return false
  return from.addresses.some((a, i) => (src & (1 << i)) !== 0 &&
    to.addresses.some((b, j) => (dst & (1 << j)) !== 0 && a.family === b.family))
}

function denied(nearest: NearMiss | undefined): Access {
  return nearest === undefined ? { allowed: false } : { allowed: false, nearest }
}

/** The grant that comes closest to joining the two with what `gives` tells of it: fewest changes first. */
function nearestGrant(
  compiled: CompiledPolicy, from: Subject, to: Subject, gives: (grant: CompiledGrant) => boolean,
): NearMiss | undefined {
  const candidates = compiled.grants.flatMap((grant): Ranked[] => {
    // What is missing to go by way of a router is no nearer.
    if (grant.via.length > 0) return []
    const src = hitBits(from, grant.src) !== 0
    const dst = hitBits(to, grant.dst) !== 0 || isForSelf(grant, from, to)
    if (!gives(grant)) return src && dst ? [{ rank: 3, grant, missing: 'capability' }] : []
    if (src && dst) return [{ rank: 0, grant, missing: 'family' }]
    if (dst) return [{ rank: 1, grant, missing: 'source' }]
    return src ? [{ rank: 2, grant, missing: 'destination' }] : []
  })
  const first = candidates.toSorted((a, b) => a.rank - b.rank)[0]
  return first === undefined ? undefined : { ...lineOf(first.grant), missing: first.missing }
}

type Ranked = { readonly rank: number; readonly grant: CompiledGrant; readonly missing: NearMiss['missing'] }
