import type { Millis } from '../lib/clock.ts'
import { filterContext, type FilterContext, filterFor, relayAccess, seeEachOther, type Subject, subjectOf } from '../policy/index.ts'
import { equal } from './diff.ts'
import type { NetNode, Network, NodeView, SessionPeer } from './model.ts'
import { choosePrimaries, type Primaries, routesFor, routesInForce, withRoutes } from './routes.ts'

/** Whether a node takes part in the network: approved, and its key has not expired. */
export function isValid(node: NetNode, now: Millis): boolean {
  return node.authorized && (node.keyExpiry === undefined || node.keyExpiry > now)
}

/** Who carries each subnet route. */
export function primariesOf({ nodes, now, primaries }: Network): Primaries {
  return choosePrimaries(nodes.filter((node) => isValid(node, now)), primaries)
}

/** Nodes that no rule of the policy tells apart: what holds between two of them holds between all of their groups. */
type Group = { readonly subject: Subject; readonly members: Member[] }
type Member = { readonly node: NetNode; readonly subject: Subject; readonly group: Group }

/** What a group's nodes see, themselves included; ascending by id. */
type Sight = { readonly peers: readonly NetNode[]; readonly relays: readonly number[]; readonly serves: readonly number[] }

/** The valid nodes of a network, looked up in its policy once; views of many nodes share it. */
export type Prepared = {
  readonly network: Network
  /** Every node of the network. */
  readonly nodes: ReadonlyMap<number, NetNode>
  readonly members: ReadonlyMap<number, Member>
  readonly primaries: Primaries
  readonly filters: FilterContext
  readonly sight: (group: Group) => Sight
  /** Every valid node as a session peer; shared by all relays' views. Ascending by id. */
  readonly sessionPeers: readonly SessionPeer[]
}

export function prepare(network: Network): Prepared {
  const { policy } = network
  const primaries = primariesOf(network)
  /** Bounded by the nodes of the network. */
  const groups = new Map<string, Group>()
  const members = network.nodes.filter((node) => isValid(node, network.now)).toSorted((a, b) => a.id - b.id).map((node): Member => {
    const subject = subjectOf(policy, node)
    const key = `${subject.hits.join()} ${subject.addresses.map(({ family }) => family).join()} ${node.routes.join()}`
    const group = groups.get(key) ?? { subject, members: [] }
    groups.set(key, group)
    const member = { node, subject, group }
    group.members.push(member)
    return member
  })
  const up = new Set(members.filter(({ node }) => node.relayUp).map(({ node }) => node.id))

  function look({ subject }: Group): Sight {
    const groupsWhere = (holds: (other: Subject) => boolean): Set<Group> => new Set([...groups.values()].filter((group) => holds(group.subject)))
    const seen = groupsWhere((other) => seeEachOther(policy, subject, other))
    const servers = groupsWhere((other) => relayAccess(policy, subject, other).allowed)
    const clients = groupsWhere((other) => relayAccess(policy, other, subject).allowed)
    return {
      peers: members.filter(({ group }) => seen.has(group)).map(({ node }) => withRoutes(node, routesFor(network, primaries, subject, node))),
      relays: members.filter(({ node, group }) => up.has(node.id) && servers.has(group)).map(({ node }) => node.id),
      serves: members.filter(({ group }) => clients.has(group)).map(({ node }) => node.id),
    }
  }
  /** Bounded by the groups. */
  const sights = new Map<Group, Sight>()

  return {
    network,
    nodes: new Map(network.nodes.map((node) => [node.id, node])),
    members: new Map(members.map((member) => [member.node.id, member])),
    primaries,
    filters: filterContext(policy, members.map(({ subject }) => subject), (id) => up.has(id)),
    sight(group) {
      const known = sights.get(group) ?? look(group)
      sights.set(group, known)
      return known
    },
    sessionPeers: members.map(({ node }) => sessionPeerOf(node)),
  }
}

/** Of each node once, so that an unchanged node is the same session peer in two networks. Bounded: gone with the node. */
const sessionPeers = new WeakMap<NetNode, SessionPeer>()

function sessionPeerOf(node: NetNode): SessionPeer {
  const known = sessionPeers.get(node)
  if (known !== undefined) return known
  const { id, name, nodeKey, discoKey, keyExpiry } = node
  const made = { id, name, nodeKey, discoKey, ...(keyExpiry !== undefined && { keyExpiry }) }
  sessionPeers.set(node, made)
  return made
}

/** One node's view of the network; undefined when there is no such node. A node that is not valid sees only itself. */
export function viewFor(nodeId: number, network: Network): NodeView | undefined {
  return viewIn(prepare(network), nodeId)
}

/** `viewFor` on a prepared network. */
export function viewIn(prepared: Prepared, nodeId: number): NodeView | undefined {
  const node = prepared.nodes.get(nodeId)
  if (node === undefined) return undefined
  const { derpRegions, names } = prepared.network
  const self = prepared.members.get(nodeId)
  if (self === undefined) {
    return { self: withRoutes(node, []), peers: [], packetFilter: [], relays: [], serves: [], sessionPeers: [], derpRegions, names }
  }
  const { peers, relays, serves } = prepared.sight(self.group)
  const served = serves.filter((id) => id !== nodeId)
  return {
    self: withRoutes(node, routesInForce(node, prepared.primaries)),
    peers: peers.filter((peer) => peer.id !== nodeId),
    packetFilter: filterFor(prepared.filters, self.subject),
    relays: relays.filter((id) => id !== nodeId),
    serves: served,
    sessionPeers: served.length === 0 ? [] : prepared.sessionPeers.filter((peer) => peer.id !== nodeId),
    derpRegions,
    names,
  }
}

/** Whether two views say the same. Parts that did not change are mostly the same object, so this is quick. */
export function sameView(a: NodeView, b: NodeView): boolean {
  return equal(a.self, b.self) && sameList(a.peers, b.peers) && sameList(a.relays, b.relays) && sameList(a.serves, b.serves)
    && sameList(a.sessionPeers, b.sessionPeers) && sameList(a.packetFilter, b.packetFilter) && equal(a.derpRegions, b.derpRegions)
    && equal(a.names, b.names)
}

function sameList(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => Object.is(item, b[i]) || equal(item, b[i]))
}
