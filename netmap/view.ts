import type { Millis } from '../lib/clock.ts'
import { filterContext, type FilterContext, filterFor, relayAccess, seeEachOther, type Subject, subjectOf } from '../policy/index.ts'
import type { NetNode, Network, NodeView, SessionPeer } from './model.ts'

/** Whether a node takes part in the network: approved, and its key has not expired. */
export function isValid(node: NetNode, now: Millis): boolean {
  return node.authorized && (node.keyExpiry === undefined || node.keyExpiry > now)
}

/** The valid nodes of a network, looked up in its policy once; views of many nodes share it. */
export type Prepared = {
  readonly network: Network
  /** Ascending by id. */
  readonly members: readonly { readonly node: NetNode; readonly subject: Subject }[]
  readonly filters: FilterContext
  readonly up: ReadonlySet<number>
  /** Every valid node as a session peer; shared by all relays' views. */
  readonly sessionPeers: readonly SessionPeer[]
}

export function prepare(network: Network): Prepared {
  const valid = network.nodes.filter((node) => isValid(node, network.now)).toSorted((a, b) => a.id - b.id)
  const members = valid.map((node) => ({ node, subject: subjectOf(network.policy, node) }))
  const up = new Set(valid.filter((node) => node.relayUp).map((node) => node.id))
  return {
    network,
    members,
    filters: filterContext(network.policy, members.map(({ subject }) => subject), (id) => up.has(id)),
    up,
    sessionPeers: valid.map(({ id, name, nodeKey, discoKey, keyExpiry }) => ({ id, name, nodeKey, discoKey, ...(keyExpiry !== undefined && { keyExpiry }) })),
  }
}

/** One node's view of the network; undefined when there is no such node. A node that is not valid sees only itself. */
export function viewFor(nodeId: number, network: Network): NodeView | undefined {
  return viewIn(prepare(network), nodeId)
}

/** `viewFor` on a prepared network. */
export function viewIn(prepared: Prepared, nodeId: number): NodeView | undefined {
  const { network, members, filters, up } = prepared
  const node = network.nodes.find((candidate) => candidate.id === nodeId)
  if (node === undefined) return undefined
  const self = members.find((member) => member.node.id === nodeId)?.subject
  const { policy, derpRegions } = network
  if (self === undefined) {
    return { self: node, peers: [], packetFilter: [], relays: [], serves: [], sessionPeers: [], derpRegions }
  }
  const others = members.filter((member) => member.node.id !== nodeId)
  const serves = others.filter(({ subject }) => relayAccess(policy, subject, self).allowed).map((member) => member.node.id)
  return {
    self: node,
    peers: others.filter(({ subject }) => seeEachOther(policy, self, subject)).map((member) => member.node),
    packetFilter: filterFor(filters, self),
    relays: others.filter((other) => up.has(other.node.id) && relayAccess(policy, self, other.subject).allowed).map((other) => other.node.id),
    serves,
    sessionPeers: serves.length === 0 ? [] : prepared.sessionPeers.filter((peer) => peer.id !== nodeId),
    derpRegions,
  }
}
