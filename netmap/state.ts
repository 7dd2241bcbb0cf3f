import type { Millis } from '../lib/clock.ts'
import { createPolicyIndex, type PolicyIndex } from '../policy/index.ts'
import { type Shown, toldItself, toldOthers } from './attributes.ts'
import { isAnnounced } from './client-map/wire-node.ts'
import { equal, patched } from './compare.ts'
import type { NetNode, Network, NodeView, SessionPeer } from './model.ts'
import { choosePrimaries, type Primaries, type Routers, routersOf, routesInForce } from './routes.ts'
import { seenAs } from './seen.ts'
import { type SharedLists, viewOn } from './shared-lists.ts'
import { Sights } from './sights.ts'

/** Whether a node takes part in the network: approved, and its key has not expired. */
export function isValid(node: NetNode, now: Millis): boolean {
  return node.authorized && (node.keyExpiry === undefined || node.keyExpiry > now)
}

const nobody: SharedLists = { peers: [], relays: [], serves: [], sessionPeers: [] }

/** The network with what its policy makes of it: kept as it changes, so that a change costs what it changes. */
export class State {
  #network: Network
  #index: PolicyIndex
  /** Bounded, all: nodes of the network. */
  readonly #nodes = new Map<number, NetNode>()
  readonly #valid = new Map<number, NetNode>()
  readonly #withRoutes = new Map<number, NetNode>()
  /** What others are told of those of whom there is something. */
  readonly #told = new Map<number, Shown>()
  #routers: Routers = new Map()
  /** Every valid node that others are told of, as a session peer; shared by all relays' views. Ascending by id. */
  #sessionPeers: readonly SessionPeer[] = []
  readonly #sights = new Sights()

  constructor(network: Network) {
    this.#network = { ...network, nodes: [], primaries: network.primaries ?? new Map() }
    this.#index = createPolicyIndex(network.policy)
    this.change(network.nodes.map((is) => ({ was: undefined, is })))
  }

  get network(): Network {
    return this.#network
  }

  node(id: number): NetNode | undefined {
    return this.#nodes.get(id)
  }

  /** Takes in what became of nodes; the ids of those whose view may be another. */
  change(changes: readonly { readonly was: NetNode | undefined; readonly is: NetNode | undefined }[], now = this.#network.now): Set<number> {
    const ids = new Set<number>()
    let isRouting = false
    /** By id; undefined: it is none any more. */
    const peers = new Map<number, SessionPeer | undefined>()
    for (const { was, is } of changes) {
      const id = is?.id ?? was?.id
      if (id === undefined) continue
      ids.add(id)
      if (is === undefined) this.#nodes.delete(id)
      else this.#nodes.set(id, is)
      const before = this.#valid.get(id)
      const member = is !== undefined && isValid(is, now) ? is : undefined
      if (before === undefined && member === undefined) continue
      if ((before?.routes.length ?? 0) + (member?.routes.length ?? 0) > 0) isRouting = true
      if (member === undefined) this.#leave(id)
      else this.#enter(member)
      const [old, fresh] = [before, member].map((node) => (node !== undefined && isAnnounced(node) ? sessionPeerOf(node, before) : undefined))
      if (old !== fresh) peers.set(id, fresh)
    }
    this.#network = { ...this.#network, nodes: replaced(this.#network.nodes, ids, this.#nodes), now }
    const affected = new Set(this.#index.takeAffected())
    for (const id of ids) affected.add(id)
    if (peers.size > 0) {
      this.#sessionPeers = patched(this.#sessionPeers, peers)
      for (const id of this.#valid.keys()) if (this.#index.isRelay(id)) affected.add(id)
    }
    if (isRouting && this.#route()) for (const id of this.#nodes.keys()) affected.add(id)
    this.#sights.changed(ids, isRouting)
    return affected
  }

  setPolicy(policy: Network['policy']): void {
    const before = this.#index
    this.#network = { ...this.#network, policy }
    this.#index = createPolicyIndex(policy, { lists: before.lists() })
    for (const node of this.#valid.values()) {
      this.#index.upsert(node, standingOf(node))
      this.#tell(node)
    }
    this.#index.takeAffected()
    this.#sights.forget()
  }

  /** What every view has in it as it is. */
  set(part: Partial<Pick<Network, 'derpRegions' | 'names' | 'now'>>): void {
    this.#network = { ...this.#network, ...part }
  }

  /** One node's view; undefined when there is no such node. A node that is not valid sees only itself. */
  view(id: number): NodeView | undefined {
    const node = this.#nodes.get(id)
    if (node === undefined) return undefined
    const { derpRegions, names, primaries = new Map() } = this.#network
    const told = toldItself(this.#network.policy, node)
    if (!this.#valid.has(id)) return viewOn(nobody, { self: seenAs(node, [], told), packetFilter: [], derpRegions, names })
    const index = this.#index
    const sight = this.#sights.of(node, told.withoutIPv4, { index, valid: this.#valid, told: this.#told, routers: this.#routers, primaries })
    const lists = { peers: sight.peers, serves: sight.serves, relays: index.relays(id), sessionPeers: this.#sessionPeers }
    return viewOn(lists, { self: seenAs(node, routesInForce(node, primaries), told), packetFilter: index.rules(id), derpRegions, names })
  }

  #enter(node: NetNode): void {
    this.#valid.set(node.id, node)
    if (node.routes.length > 0) this.#withRoutes.set(node.id, node)
    else this.#withRoutes.delete(node.id)
    this.#index.upsert(node, standingOf(node))
    this.#index.touch(node.id)
    this.#tell(node)
  }

  #tell(node: NetNode): void {
    const told = toldOthers(this.#network.policy, node)
    if (told === undefined) this.#told.delete(node.id)
    else this.#told.set(node.id, told)
  }

  #leave(id: number): void {
    this.#valid.delete(id)
    this.#withRoutes.delete(id)
    this.#told.delete(id)
    this.#index.remove(id)
  }

  /** Whether a route is carried by another, or other routers have it. */
  #route(): boolean {
    const nodes = [...this.#withRoutes.values()]
    const before = this.#routers
    this.#routers = routersOf(nodes)
    const primaries = choosePrimaries(nodes, this.#network.primaries)
    const isSame = sameIds(before, this.#routers) && equalMaps(this.#network.primaries, primaries)
    this.#network = { ...this.#network, primaries: isSame ? this.#network.primaries ?? primaries : primaries }
    return !isSame
  }
}

function standingOf(node: NetNode): { readonly isShown: boolean; readonly isUp: boolean; readonly isDoubtful: boolean } {
  return { isShown: isAnnounced(node), isUp: node.relayUp, isDoubtful: node.relayDoubtful === true }
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

/** In the order that they have, those that came at the end. */
function replaced(list: readonly NetNode[], ids: ReadonlySet<number>, nodes: ReadonlyMap<number, NetNode>): readonly NetNode[] {
  if (ids.size === 0) return list
  const left = new Set(ids)
  const kept = list.flatMap((node) => {
    if (!left.delete(node.id)) return [node]
    return nodes.get(node.id) ?? []
  })
  return [...kept, ...[...left].flatMap((id) => nodes.get(id) ?? [])]
}

function sameIds(a: Routers, b: Routers): boolean {
  return a.size === b.size && [...a].every(([route, nodes]) => {
    const others = b.get(route)
    return others?.length === nodes.length && others.every(({ id, gone }, i) => id === nodes[i]?.id && gone === nodes[i].gone)
  })
}

function equalMaps(a: Primaries | undefined, b: Primaries): boolean {
  return a !== undefined && a.size === b.size && [...a].every(([route, id]) => b.get(route) === id)
}

