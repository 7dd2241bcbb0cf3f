import type { Millis } from '../lib/clock.ts'
import { filterContext, type FilterContext, filterFor, type Subject, subjectOf } from '../policy/index.ts'
import { isAnnounced } from './client-map/wire-node.ts'
import { compareById, equal } from './compare.ts'
import { comparePeers } from './diff.ts'
import { type Group, groupKey, type Groups, relation } from './groups.ts'
import type { NetNode, Network, NodeView, SessionPeer } from './model.ts'
import { choosePrimaries, type Primaries, routesFor, routesInForce, withRoutes } from './routes.ts'
import { listsOf, type SharedLists, type Sight, viewOn } from './shared-lists.ts'

/** Whether a node takes part in the network: approved, and its key has not expired. */
export function isValid(node: NetNode, now: Millis): boolean {
  return node.authorized && (node.keyExpiry === undefined || node.keyExpiry > now)
}

/** Who carries each subnet route. */
export function primariesOf({ nodes, now, primaries }: Network): Primaries {
  return choosePrimaries(nodes.filter((node) => isValid(node, now)), primaries)
}

type Member = {
  readonly node: NetNode
  readonly subject: Subject
  readonly group: Group
  /** Others are told of it: before they know its disco key it is no peer, and their filters would change for nobody. */
  readonly isShown: boolean
}

/** The valid nodes of a network, looked up in its policy once; views of many nodes share it. */
export type Prepared = {
  readonly network: Network
  /** Every node of the network. */
  readonly nodes: ReadonlyMap<number, NetNode>
  readonly members: ReadonlyMap<number, Member>
  readonly groups: Groups
  readonly filters: FilterContext
  /** Of each group. */
  readonly sights: ReadonlyMap<Group, Sight>
  /** Every valid node that others are told of, as a session peer; shared by all relays' views. Ascending by id. */
  readonly sessionPeers: readonly SessionPeer[]
}

/** What did not change since `before` is the same object as it was there. */
export function prepare(network: Network, before?: Prepared): Prepared {
  const { policy, primaries = new Map() } = network
  const known = before?.network.policy === policy ? before : undefined
  /** Bounded by the nodes of the network. */
  const groups = new Map<string, Group>()
  const list = network.nodes.filter((node) => isValid(node, network.now)).toSorted((a, b) => a.id - b.id).map((node): Member => {
    const last = known?.members.get(node.id)
    const subject = last !== undefined && isSameToPolicy(last.node, node) ? last.subject : subjectOf(policy, node)
    const key = groupKey(subject)
    const group = groups.get(key) ?? known?.groups.get(key) ?? { subject, relations: new WeakMap() }
    groups.set(key, group)
    return { node, subject, group, isShown: isAnnounced(node) }
  })
  const shown = list.filter(({ isShown }) => isShown)
  const members = new Map(list.map((member) => [member.node.id, member]))
  const isSameToFilters = known?.members.size === members.size && list.every(({ node, subject, isShown }) => {
    const last = known.members.get(node.id)
    return last?.subject === subject && last.node.relayUp === node.relayUp && last.isShown === isShown
  })
  return {
    network, members, groups,
    nodes: new Map(network.nodes.map((node) => [node.id, node])),
    filters: isSameToFilters ? known.filters : filterContext(policy, shown.map(({ subject }) => subject), upIn(members), before?.filters),
    sights: sightsOf(network, primaries, shown, new Set(groups.values()), before),
    sessionPeers: sameOr(before?.sessionPeers, shown.map(({ node }) => sessionPeerOf(node, before?.members.get(node.id)?.node))),
  }
}

/** Apart from `prepare`: what it makes lives on, and would hold the network before it. */
function upIn(members: ReadonlyMap<number, Member>): (nodeId: number) => boolean {
  return (nodeId) => members.get(nodeId)?.node.relayUp ?? false
}

function isSameToPolicy(a: NetNode, b: NetNode): boolean {
  return a === b || (a.owner === b.owner && a.ownerRole === b.ownerRole && equal(a.addresses, b.addresses) && equal(a.tags, b.tags) && equal(a.routes, b.routes))
}

function sightsOf(network: Network, primaries: Primaries, list: readonly Member[], groups: ReadonlySet<Group>, before: Prepared | undefined): Map<Group, Sight> {
  return new Map([...groups].map((group): [Group, Sight] => {
    const relations = new Map([...groups].map((other) => [other, relation(network.policy, group, other)]))
    const peers: NetNode[] = []
    const relays: number[] = []
    const serves: number[] = []
    for (const { node, group: other } of list) {
      const { sees = false, uses = false, serves: isServed = false } = relations.get(other) ?? {}
      if (sees) peers.push(withRoutes(node, routesFor(network, primaries, group.subject, node)))
      if (uses && node.relayUp) relays.push(node.id)
      if (isServed) serves.push(node.id)
    }
    const was = before?.sights.get(group)
    const sight = { peers: sameOr(was?.peers, peers), relays: sameOr(was?.relays, relays), serves: sameOr(was?.serves, serves) }
    return [group, was !== undefined && sight.peers === was.peers && sight.relays === was.relays && sight.serves === was.serves ? was : sight]
  }))
}

/** The list that was there before, where it has the same items. */
function sameOr<T>(before: readonly T[] | undefined, list: readonly T[]): readonly T[] {
  return before !== undefined && before.length === list.length && before.every((item, i) => Object.is(item, list[i])) ? before : list
}

/** Of each node once, so that an unchanged node is the same session peer in two networks. Bounded: gone with the node. */
const sessionPeers = new WeakMap<NetNode, SessionPeer>()

/** `before`: the node as it was, which may be no other to a relay. */
function sessionPeerOf(node: NetNode, before: NetNode | undefined): SessionPeer {
  const known = sessionPeers.get(node)
  if (known !== undefined) return known
  const { id, name, nodeKey, discoKey, keyExpiry } = node
  const fresh = { id, name, nodeKey, discoKey, ...(keyExpiry !== undefined && { keyExpiry }) }
  const was = before && sessionPeers.get(before)
  const made = was !== undefined && equal(was, fresh) ? was : fresh
  sessionPeers.set(node, made)
  return made
}

/** One node's view of the network; undefined when there is no such node. A node that is not valid sees only itself. */
export function viewFor(nodeId: number, network: Network): NodeView | undefined {
  return viewIn(prepare(withPrimaries(network)), nodeId)
}

/** With who carries each route from now on. */
export function withPrimaries(network: Network): Network {
  return { ...network, primaries: primariesOf(network) }
}

const nobody: SharedLists = { peers: [], relays: [], serves: [], sessionPeers: [] }

/** `viewFor` on a prepared network. A view that says the same as it did `before` is that object. */
export function viewIn(prepared: Prepared, nodeId: number, before?: NodeView): NodeView | undefined {
  const node = prepared.nodes.get(nodeId)
  if (node === undefined) return undefined
  const { derpRegions, names, primaries = new Map() } = prepared.network
  const member = prepared.members.get(nodeId)
  const sight = member && prepared.sights.get(member.group)
  const view = viewOn(sight === undefined ? nobody : listsFor(sight, prepared.sessionPeers), {
    self: withRoutes(node, member === undefined ? [] : routesInForce(node, primaries)),
    packetFilter: member === undefined ? [] : filterFor(prepared.filters, member.subject),
    derpRegions, names,
  })
  return before !== undefined && sameView(before, view) ? before : view
}

/** Of a group's sight and all session peers once. Bounded: gone with the sight. */
const lists = new WeakMap<Sight, SharedLists>()

function listsFor(sight: Sight, sessionPeers: readonly SessionPeer[]): SharedLists {
  const known = lists.get(sight)
  if (known?.sessionPeers === sessionPeers) return known
  const made = { ...sight, sessionPeers }
  lists.set(sight, made)
  return made
}

/** Whether two views of a node say the same. Parts that did not change are mostly the same object, so this is quick. */
function sameView(a: NodeView, b: NodeView): boolean {
  return equal(a.self, b.self) && equal(a.packetFilter, b.packetFilter) && equal(a.derpRegions, b.derpRegions) && equal(a.names, b.names) && sameLists(a, b)
}

function sameLists(a: NodeView, b: NodeView): boolean {
  const [was, is] = [listsOf(a), listsOf(b)]
  if (was !== undefined && was === is) return true
  const peers = comparePeers(a, b)
  if (peers.changed.length + peers.removed.length > 0) return false
  if (was?.relays !== is?.relays && !equal(a.relays, b.relays)) return false
  if (was?.serves !== is?.serves && !equal(a.serves, b.serves)) return false
  if (was?.sessionPeers === is?.sessionPeers && a.serves.length > 0 === b.serves.length > 0) return true
  const sessions = compareById(a.sessionPeers, b.sessionPeers)
  return sessions.changed.length + sessions.removed.length === 0
}
