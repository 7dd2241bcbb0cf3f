import type { FilterRule } from '../policy/index.ts'
import { type Comparison, compareById, equal } from './compare.ts'
import type { DerpRegion, NetNode, NodeView, PeerView, SessionPeer } from './model.ts'
import { listsOf } from './shared-lists.ts'
import type { NetworkNames } from './names.ts'

/** What turns one view of a node into another; an absent member did not change. */
export type ViewDiff = {
  readonly self?: NetNode
  /** Peers that are new or changed, whole. */
  readonly peersChanged: readonly PeerView[]
  readonly peersRemoved: readonly number[]
  readonly packetFilter?: readonly FilterRule[]
  readonly relays?: readonly number[]
  readonly serves?: readonly number[]
  readonly sessionPeersChanged: readonly SessionPeer[]
  readonly sessionPeersRemoved: readonly number[]
  readonly derpRegions?: readonly DerpRegion[]
  readonly names?: NetworkNames
}

const nothing: ViewDiff = { peersChanged: [], peersRemoved: [], sessionPeersChanged: [], sessionPeersRemoved: [] }

/** The difference from `before` to `after`; undefined when they are equal. */
export function diffViews(before: NodeView, after: NodeView): ViewDiff | undefined {
  const peers = plain(comparePeers(before, after))
  const sessionPeers = plain(compareById(before.sessionPeers, after.sessionPeers))
  const diff: ViewDiff = {
    ...(equal(before.self, after.self) ? {} : { self: after.self }),
    peersChanged: peers.changed,
    peersRemoved: peers.removed,
    ...(equal(before.packetFilter, after.packetFilter) ? {} : { packetFilter: after.packetFilter }),
    ...(equal(before.relays, after.relays) ? {} : { relays: after.relays }),
    ...(equal(before.serves, after.serves) ? {} : { serves: after.serves }),
    sessionPeersChanged: sessionPeers.changed,
    sessionPeersRemoved: sessionPeers.removed,
    ...(equal(before.derpRegions, after.derpRegions) ? {} : { derpRegions: after.derpRegions }),
    ...(equal(before.names, after.names) ? {} : { names: after.names }),
  }
  return equal(diff, nothing) ? undefined : diff
}

/** The view that a difference leads to. */
export function applyDiff(view: NodeView, diff: ViewDiff): NodeView {
  return {
    self: diff.self ?? view.self,
    peers: patchById(view.peers, diff.peersChanged, diff.peersRemoved),
    packetFilter: diff.packetFilter ?? view.packetFilter,
    relays: diff.relays ?? view.relays,
    serves: diff.serves ?? view.serves,
    sessionPeers: patchById(view.sessionPeers, diff.sessionPeersChanged, diff.sessionPeersRemoved),
    derpRegions: diff.derpRegions ?? view.derpRegions,
    names: diff.names ?? view.names,
  }
}

/** Which peers of a view are others in a newer one, by ascending id. */
export function comparePeers(before: NodeView, after: NodeView): Comparison<PeerView> {
  const [was, is] = [listsOf(before)?.peers, listsOf(after)?.peers]
  if (was === undefined || is === undefined || before.self.id !== after.self.id) return compareById(before.peers, after.peers)
  const { changed, removed } = compareById(was, is)
  const { id } = after.self
  return { changed: changed.filter((pair) => pair.is.id !== id), removed: removed.filter((peer) => peer.id !== id) }
}

function plain<T extends { readonly id: number }>({ changed, removed }: Comparison<T>): { readonly changed: T[]; readonly removed: number[] } {
  return { changed: changed.map(({ is }) => is), removed: removed.map(({ id }) => id) }
}

function patchById<T extends { readonly id: number }>(items: readonly T[], changed: readonly T[], removed: readonly number[]): T[] {
  const all = new Map(items.map((item) => [item.id, item]))
  for (const id of removed) all.delete(id)
  for (const item of changed) all.set(item.id, item)
  return [...all.values()].toSorted((a, b) => a.id - b.id)
}
