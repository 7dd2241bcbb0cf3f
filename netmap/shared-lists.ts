import type { NetNode, NodeView, SessionPeer } from './model.ts'

/** What nodes that no rule tells apart see, those nodes included; ascending by id. */
export type Sight = { readonly peers: readonly NetNode[]; readonly serves: readonly number[] }
export type SharedLists = Sight & { readonly relays: readonly number[]; readonly sessionPeers: readonly SessionPeer[] }

/** Of views made here. Bounded: gone with the view. */
const shared = new WeakMap<NodeView, SharedLists>()

type Own = Pick<NodeView, 'self' | 'packetFilter' | 'derpRegions' | 'names'>

/** A view on lists that it has in common with others: its own, without the node itself, are made when they are asked for. */
export function viewOn(lists: SharedLists, own: Own): NodeView {
  const { id } = own.self
  let peers: readonly NetNode[] | undefined
  let relays: readonly number[] | undefined
  let serves: readonly number[] | undefined
  let sessionPeers: readonly SessionPeer[] | undefined
  const view: NodeView = {
    ...own,
    get peers() {
      peers ??= lists.peers.filter((peer) => peer.id !== id)
      return peers
    },
    get relays() {
      relays ??= withoutId(lists.relays, id)
      return relays
    },
    get serves() {
      serves ??= withoutId(lists.serves, id)
      return serves
    },
    get sessionPeers() {
      sessionPeers ??= this.serves.length === 0 ? [] : lists.sessionPeers.filter((peer) => peer.id !== id)
      return sessionPeers
    },
  }
  shared.set(view, lists)
  return view
}

function withoutId(ids: readonly number[], id: number): readonly number[] {
  return ids.includes(id) ? ids.filter((other) => other !== id) : ids
}

/** The lists that a view was made on; undefined: it was made another way. */
export function listsOf(view: NodeView): SharedLists | undefined {
  return shared.get(view)
}

/** The peers of a view and perhaps the node itself: the same list for many views. */
export function peersAndSelf(view: NodeView): readonly NetNode[] {
  return shared.get(view)?.peers ?? view.peers
}
