import { mayUseRelay } from '../policy/index.ts'
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
    if (!node.authorized) return { stands: false, reason: `${node.name} is not approved` }
    if (node.keyExpiry !== undefined && node.keyExpiry <= network.now) return { stands: false, reason: `key expired: ${node.name}` }
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
    if (endBefore === undefined) continue
    const access = mayUseRelay(before.policy, endBefore, relayBefore)
    if (!access.allowed) continue
    const line = access.lines[0]?.line ?? 0
    for (const [was, is] of [[endBefore, end], [relayBefore, relay]] as const) {
      if (!sameSet(was.tags, is.tags)) return `tag changed on ${is.name}`
      if (was.owner !== is.owner) return `owner changed on ${is.name}`
    }
    if (before.policy === after.policy) return undefined
    const group = changedGroup(before, after, end.owner)
    return group === undefined ? `grant removed (it was on line ${line})` : `group changed (${group})`
  }
  return undefined
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
