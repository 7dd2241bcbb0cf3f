import { compareById, equal } from './compare.ts'
import { comparePeers } from './diff.ts'
import type { Network, NodeView } from './model.ts'
import { listsOf } from './shared-lists.ts'
import { State } from './state.ts'

/** One node's view of the network; undefined when there is no such node. Who asks for many keeps a `Netmap`. */
export function viewFor(nodeId: number, network: Network): NodeView | undefined {
  return new State(network).view(nodeId)
}

/** Whether two views of a node say the same. Parts that did not change are mostly the same object, so this is quick. */
export function sameView(a: NodeView, b: NodeView): boolean {
  return equal(a.self, b.self) && equal(a.packetFilter, b.packetFilter) && equal(a.derpRegions, b.derpRegions) && equal(a.names, b.names) && sameLists(a, b)
}

function sameLists(a: NodeView, b: NodeView): boolean {
  const [was, is] = [listsOf(a), listsOf(b)]
  const peers = comparePeers(a, b)
  if (peers.changed.length + peers.removed.length > 0) return false
  if (was?.relays !== is?.relays && !equal(a.relays, b.relays)) return false
  if (was?.serves !== is?.serves && !equal(a.serves, b.serves)) return false
  if (was?.sessionPeers === is?.sessionPeers && a.serves.length > 0 === b.serves.length > 0) return true
  const sessions = compareById(a.sessionPeers, b.sessionPeers)
  return sessions.changed.length + sessions.removed.length === 0
}

export { isValid } from './state.ts'
