import type { FilterRule } from '../policy/index.ts'
import type { DerpRegion, NetNode, NodeView, PeerView, SessionPeer } from './model.ts'
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
  const peers = diffById(before.peers, after.peers)
  const sessionPeers = diffById(before.sessionPeers, after.sessionPeers)
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

/** A peer that is new or another, with what it was. */
export type PeerPair = { readonly was: PeerView | undefined; readonly is: PeerView }

/** Which peers of a view are others in a newer one, by ascending id. */
export function comparePeers(before: NodeView, after: NodeView): { readonly changed: readonly PeerPair[]; readonly removed: readonly PeerView[] } {
  const changed: PeerPair[] = []
  const removed: PeerView[] = []
  const [old, fresh] = [before.peers, after.peers]
  let at = 0
  for (const is of fresh) {
    let was = old[at]
    while (was !== undefined && was.id < is.id) {
      removed.push(was)
      was = old[++at]
    }
    if (was === undefined || was.id > is.id) changed.push({ was: undefined, is })
    else {
      at++
      if (was !== is && !equal(was, is)) changed.push({ was, is })
    }
  }
  removed.push(...old.slice(at))
  return { changed, removed }
}

function diffById<T extends { readonly id: number }>(before: readonly T[], after: readonly T[]) {
  const known = new Map(before.map((item) => [item.id, item]))
  const kept = new Set(after.map((item) => item.id))
  return {
    changed: after.filter((item) => !equal(known.get(item.id), item)),
    removed: before.filter((item) => !kept.has(item.id)).map((item) => item.id),
  }
}

function patchById<T extends { readonly id: number }>(items: readonly T[], changed: readonly T[], removed: readonly number[]): T[] {
  const all = new Map(items.map((item) => [item.id, item]))
  for (const id of removed) all.delete(id)
  for (const item of changed) all.set(item.id, item)
  return [...all.values()].toSorted((a, b) => a.id - b.id)
}

/** Equality of plain values. Parts that did not change are mostly the same object, so this is cheap. */
export function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = Object.entries(a)
  const right = new Map<string, unknown>(Object.entries(b))
  return left.length === right.size && left.every(([key, value]) => right.has(key) && equal(value, right.get(key)))
}
