import type { Millis } from '../../lib/clock.ts'
import type { MapResponse, PeerChange, UserProfile, WireNode } from '../../protocol/tailcfg/index.ts'
import { derpMap } from '../derp-map.ts'
import { equal } from '../compare.ts'
import { comparePeers } from '../diff.ts'
import type { NetNode, NodeUser, NodeView } from '../model.ts'
import { dnsConfigFor } from '../names.ts'
import { peersAndSelf } from '../shared-lists.ts'
import { chunksDelta } from './filters.ts'
import { freshMap, wireProfile } from './first-map.ts'
import { peerStep } from './peer-step.ts'
import type { Told } from './told.ts'
import { isAnnounced, wirePeer, wireSelf } from './wire-node.ts'

/** From so many changed peers on, a complete list is the smaller message when they are most of them. */
const manyPeers = 64

/** The smallest message that turns what a client was told into what it is to be told; undefined: there is no difference (spec/coordination.md §3.5). */
export function mapDelta(before: Told, after: Told, now: Millis): MapResponse | undefined {
  if (before === after) return undefined
  const [was, is] = [before.view, after.view]
  // All names are others.
  if (was.names.domain !== is.names.domain) return freshMap(after, before, now)
  const delta = was === is ? {} : viewDelta(was, is)
  if (delta === undefined) return freshMap(after, before, now)
  const all: MapResponse = { ...delta, ...messagesDelta(before, after) }
  return Object.keys(all).length > 0 ? all : undefined
}

/** Undefined: most of it is another. */
function viewDelta(was: NodeView, is: NodeView): MapResponse | undefined {
  const { domain } = is.names
  const peers = peersDelta(was, is)
  if (peers === undefined) return undefined
  const node = wireSelf(is.self, domain)
  return {
    ...(was.self !== is.self && !equal(wireSelf(was.self, domain), node) && { Node: node }),
    ...(!equal(was.derpRegions, is.derpRegions) && { DERPMap: derpMap(is.derpRegions) }),
    ...peers, ...filtersDelta(was, is),
    ...(was.names !== is.names && !equal(dnsConfigFor(was.names), dnsConfigFor(is.names)) && { DNSConfig: dnsConfigFor(is.names) }),
  }
}

type PeersDelta = Pick<MapResponse, 'PeersChanged' | 'PeersRemoved' | 'PeersChangedPatch' | 'UserProfiles' | 'Domain'>

/** Undefined: a complete list is smaller. */
function peersDelta(was: NodeView, is: NodeView): PeersDelta | undefined {
  const { domain } = is.names
  const { changed, removed } = comparePeers(was, is)
  const gone = removed.filter(isAnnounced).map(({ id }) => id)
  const whole: WireNode[] = []
  const patches: PeerChange[] = []
  /** Bounded by the peers. */
  const users = new Map<number, NodeUser>()
  const name = (user: NodeUser): void => void (isNamed(was, user) || users.set(user.id, user))
  if (was.self !== is.self) name(is.self.facts.user)
  for (const { was: old, is: peer } of changed) {
    const isKnown = old !== undefined && isAnnounced(old)
    if (!isAnnounced(peer)) {
      if (isKnown) gone.push(peer.id)
      continue
    }
    const step = isKnown ? peerStep(old, peer, domain) : 'whole'
    if (step === 'whole') whole.push(wirePeer(peer, domain))
    else patches.push(...step)
    if (!isKnown || old.facts.user !== peer.facts.user) name(peer.facts.user)
  }
  if (whole.length > manyPeers && whole.length + gone.length > peersAndSelf(is).length / 2) return undefined
  return {
    ...(gone.length > 0 && { PeersRemoved: gone.toSorted((a, b) => a - b) }),
    ...(whole.length > 0 && { PeersChanged: whole }),
    ...(patches.length > 0 && { PeersChangedPatch: patches }),
    // A client lists a new person's name only once it rebuilds its map, which a domain, the same one too, makes it do.
    ...(users.size > 0 && { UserProfiles: profilesOf(users), Domain: domain }),
  }
}

const profilesOf = (users: ReadonlyMap<number, NodeUser>): UserProfile[] => [...users.values()].toSorted((a, b) => a.id - b.id).map(wireProfile)

/** Whether the client knows this person by a node of theirs that it was told of. */
function isNamed(view: NodeView, user: NodeUser): boolean {
  const isTheirs = (node: NetNode): boolean => node.facts.user === user || (node.facts.user.id === user.id && equal(node.facts.user, user))
  return isTheirs(view.self) || peersAndSelf(view).some((peer) => isTheirs(peer) && isAnnounced(peer))
}

function filtersDelta(was: NodeView, is: NodeView): Pick<MapResponse, 'PacketFilters'> {
  const changed = chunksDelta(was.packetFilter, is.packetFilter)
  return Object.keys(changed).length > 0 ? { PacketFilters: changed } : {}
}

function messagesDelta(before: Told, after: Told): Pick<MapResponse, 'DisplayMessages'> {
  const changed: NonNullable<MapResponse['DisplayMessages']> = {}
  for (const id of Object.keys(before.messages)) if (!(id in after.messages)) changed[id] = null
  for (const [id, message] of Object.entries(after.messages)) if (!equal(before.messages[id], message)) changed[id] = message
  return Object.keys(changed).length > 0 ? { DisplayMessages: changed } : {}
}
