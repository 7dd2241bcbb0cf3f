import { formatBytes, type LimitedPolicy, mayUseRelay, monthName, subjectOf, usedUpGrants } from '../policy/index.ts'
import type { NetNode, Network } from './model.ts'

export type SessionVerdict = { readonly stands: true } | { readonly stands: false; readonly reason: string }

/**
 * Whether a session of `a` and `b` over a relay may go on: all three are valid nodes and at least one of the two ends may use
 * the relay. The reason is for an operator. With the network as it was `before` a change, it names what took the grant away.
 */
export function sessionStands(network: Network, relayId: number, aId: number, bId: number, before?: Network): SessionVerdict {
  const find = (id: number): NetNode | undefined => network.nodes.find((node) => node.id === id)
  for (const id of [relayId, aId, bId]) {
    const node = find(id)
    if (node === undefined) {
      const name = before?.nodes.find((known) => known.id === id)?.name ?? `machine ${id}`
      return { stands: false, reason: `machine removed: ${name}` }
    }
    const invalid = whyInvalid(node, network.now)
    if (invalid !== undefined) return { stands: false, reason: invalid }
  }
  const relay = find(relayId)
  const ends = [find(aId), find(bId)].filter((node) => node !== undefined)
  if (relay === undefined || ends.some((end) => mayUseRelay(network.policy, end, relay).allowed)) return { stands: true }
  const cause = before === undefined ? undefined : whatChanged(before, network, relay, ends)
  const reason = `no grant lets ${ends.map((end) => end.name).join(' or ')} use ${relay.name}`
  return { stands: false, reason: cause === undefined ? reason : `${cause}: ${reason}` }
}

/** What took away the grant that an end had before; undefined when it had none. */
function whatChanged(before: Network, after: Network, relay: NetNode, ends: readonly NetNode[]): string | undefined {
  const relayBefore = before.nodes.find((node) => node.id === relay.id)
  if (relayBefore === undefined) return undefined
  for (const end of ends) {
    const endBefore = before.nodes.find((node) => node.id === end.id)
    const cause = endBefore === undefined ? undefined : whatTookAccess({ before, after, relayBefore, relay, endBefore, end })
    if (cause !== undefined) return cause
  }
  return undefined
}

interface Ends {
  readonly before: Network
  readonly after: Network
  readonly relayBefore: NetNode
  readonly relay: NetNode
  readonly endBefore: NetNode
  readonly end: NetNode
}

/** Undefined when the end had no grant, or when nothing that decides it changed. */
function whatTookAccess({ before, after, relayBefore, relay, endBefore, end }: Ends): string | undefined {
  const access = mayUseRelay(before.policy, endBefore, relayBefore)
  if (!access.allowed) return undefined
  for (const [was, is] of [[endBefore, end], [relayBefore, relay]] as const) {
    if (!sameSet(was.tags, is.tags)) return `tag changed on ${is.name}`
    if (was.owner !== is.owner || was.ownerRole !== is.ownerRole) return `owner changed on ${is.name}`
  }
  if (before.policy === after.policy) return undefined
  const usedUp = quotaUsedUp(after, end, relay)
  if (usedUp !== undefined) return usedUp
  const group = changedGroup(before, after, end.owner)
  return group === undefined ? `grant removed (it was on line ${access.lines[0]?.line ?? 0})` : `group changed (${group})`
}

/** What to say of a grant that would let `end` use the relay, were its quota not used up. */
function quotaUsedUp({ policy, now }: { readonly policy: LimitedPolicy; readonly now: Network['now'] }, end: NetNode, relay: NetNode): string | undefined {
  const [first] = usedUpGrants(policy, subjectOf(policy, end), subjectOf(policy, relay))
  return first && `quota used up: line ${first.line}, ${formatBytes(first.quota)} in ${monthName(now)}`
}

/** Why a node is out of the network; undefined: it is in it. */
function whyInvalid(node: NetNode, now: Network['now']): string | undefined {
  if (!node.authorized) return `${node.name} is not approved`
  if (node.keyExpiry !== undefined && node.keyExpiry <= now) return `key expired: ${node.name}`
  return undefined
}

/** Why a client that a relay served before is not served after, in the words of `sessionStands`. */
export function whyLost(
  before: Network, after: Network, relayBefore: NetNode, relay: NetNode | undefined, clientBefore: NetNode, client: NetNode | undefined,
): string {
  for (const [was, is] of [[relayBefore, relay], [clientBefore, client]] as const) {
    if (is === undefined) return `machine removed: ${was.name}`
    const invalid = whyInvalid(is, after.now)
    if (invalid !== undefined) return invalid
  }
  const cause = relay && client && whatTookAccess({ before, after, relayBefore, relay, endBefore: clientBefore, end: client })
  return cause ?? `no grant lets ${clientBefore.name} use ${relayBefore.name}`
}

/** A group that still exists and no longer has this person. */
function changedGroup(before: Network, after: Network, owner: string | undefined): string | undefined {
  const person = owner?.toLowerCase()
  if (person === undefined) return undefined
  for (const [name, members] of before.policy.groups) {
    const now = after.policy.groups.get(name)
    if (members.has(person) && now !== undefined && !now.has(person)) return name
  }
  return undefined
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item))
}
