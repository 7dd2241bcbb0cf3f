import type { Millis } from '../../lib/clock.ts'
import { goTime, type MapResponse, type UserProfile, type WireNode } from '../../protocol/tailcfg/index.ts'
import { derpMap } from '../derp-map.ts'
import type { NetNode, NodeUser, NodeView } from '../model.ts'
import { dnsConfigFor } from '../names.ts'
import { peersAndSelf } from '../shared-lists.ts'
import { chunksOf } from './filters.ts'
import type { Told } from './told.ts'
import { isAnnounced, wirePeer, wireSelf } from './wire-node.ts'

/** A stream's first message: all of it (spec/coordination.md §3.4). */
export function firstMap({ view, messages }: Told, now: Millis): MapResponse {
  return {
    ...whole(view), Peers: wirePeers(view), PacketFilters: chunksOf(view.packetFilter),
    ...(Object.keys(messages).length > 0 && { DisplayMessages: { ...messages } }),
    ControlTime: goTime(now),
    // Clients of this network send no logs to their vendor.
    Debug: { DisableLogTail: true },
  }
}

/** All of it in the midst of a stream, whatever the client had. */
export function freshMap({ view, messages }: Told, before: Told, now: Millis): MapResponse {
  const peers = wirePeers(view)
  const gone = announcedPeers(before.view).map(({ id }) => id)
  return {
    ...whole(view),
    // An empty list would change nothing (trap 7).
    ...(peers.length > 0 ? { Peers: peers } : gone.length > 0 ? { PeersRemoved: gone } : {}),
    PacketFilters: { '*': null, ...chunksOf(view.packetFilter) },
    DisplayMessages: { '*': null, ...messages },
    ControlTime: goTime(now),
  }
}

function whole(view: NodeView): MapResponse {
  const { self, names } = view
  return {
    Node: wireSelf(self, names.domain), DERPMap: derpMap(view.derpRegions), UserProfiles: profiles(view),
    DNSConfig: dnsConfigFor(names), Domain: names.domain,
  }
}

function wirePeers(view: NodeView): WireNode[] {
  return announcedPeers(view).map((peer) => wirePeer(peer, view.names.domain))
}

/** The peers that a client is told of. */
export function announcedPeers(view: NodeView): NetNode[] {
  return peersAndSelf(view).filter((peer) => peer.id !== view.self.id && isAnnounced(peer))
}

function profiles(view: NodeView): UserProfile[] {
  const users = new Map<number, NodeUser>()
  for (const { facts } of [view.self, ...announcedPeers(view)]) users.set(facts.user.id, facts.user)
  return [...users.values()].toSorted((a, b) => a.id - b.id).map(wireProfile)
}

export function wireProfile({ id, loginName, displayName }: NodeUser): UserProfile {
  return { ID: id, LoginName: loginName, DisplayName: displayName }
}
