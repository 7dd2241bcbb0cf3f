import type { AddrPort } from '../../lib/addr-port.ts'
import type { Millis } from '../../lib/clock.ts'
import type { Allocation } from './allocation.ts'
import type { EndKind } from './reasons.ts'
import type { IpFamily, RelayConfig, RelayNode } from './types.ts'

/** The configuration's nodes, looked up by key. */
export interface KnownNodes {
  readonly byNodeKey: ReadonlyMap<string, RelayNode>
  readonly byDiscoKey: ReadonlyMap<string, RelayNode>
  readonly granted: ReadonlySet<number>
}

export function knownNodes(config: RelayConfig): KnownNodes {
  /** Bounded, all three: one per node of the configuration. */
  return {
    byNodeKey: new Map(config.nodes.map((node) => [node.nodeKey.toLowerCase(), node])),
    byDiscoKey: new Map(config.nodes.map((node) => [node.discoKey.toLowerCase(), node])),
    granted: new Set(config.mayAllocate),
  }
}

export function hasExpired(node: RelayNode, now: Millis): boolean {
  return node.keyExpiry !== undefined && node.keyExpiry <= now
}

export function isOfFamily({ ip }: AddrPort, family: IpFamily | undefined): boolean {
  return family === undefined || ip.includes(':') === (family === 'ipv6')
}

/** The one family that a pair is limited to. Where both ends have a grant the more generous holds, and one family or the other is both. */
export function familyOfPair({ clientLimits }: RelayConfig, { granted }: KnownNodes, ends: readonly { readonly id: number }[]): IpFamily | undefined {
  const families = new Set(ends.filter(({ id }) => granted.has(id)).map(({ id }) => clientLimits?.get(id)?.family))
  const [family] = families
  return families.size === 1 ? family : undefined
}

/** The next key expiry after `now`; Infinity when there is none. */
export function nextExpiry(known: KnownNodes, now: Millis): Millis {
  let next = Infinity
  for (const node of known.byNodeKey.values()) {
    if (node.keyExpiry !== undefined && node.keyExpiry > now) next = Math.min(next, node.keyExpiry)
  }
  return next
}

/**
 * A session stands while both nodes are known and unexpired and at least one is granted; undefined when it does, else
 * how it ends and the text shown with it. `cause` is the change that led here.
 */
export function whyNotStanding(
  allocation: Allocation, known: KnownNodes, cause: string, now: Millis,
): { readonly kind: EndKind; readonly reason: string } | undefined {
  let granted = false
  for (const { client } of allocation.legs) {
    const node = known.byDiscoKey.get(client.discoKey)
    if (!node) return { kind: 'revoked', reason: cause }
    if (hasExpired(node, now)) return { kind: 'expired', reason: `The key of ${node.name} has expired` }
    granted ||= known.granted.has(node.id)
  }
  return granted ? undefined : { kind: 'revoked', reason: cause }
}
