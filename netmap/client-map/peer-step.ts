import { goTime, type PeerChange, type WireNode, zeroTime } from '../../protocol/tailcfg/index.ts'
import { equal } from '../compare.ts'
import type { NetNode } from '../model.ts'
import { mayRelay, wirePeer } from './wire-node.ts'

/** What turns a peer that a client knows into what it is now: all of it, or changes of some fields in order; empty: nothing that clients are told. */
export type PeerStep = 'whole' | readonly PeerChange[]

/** What a `PeerChange` can say (spec/coordination.md §3.5). Anything else takes the whole node. */
const patchable: ReadonlySet<string> = new Set(['DiscoKey', 'Endpoints', 'HomeDERP', 'Cap', 'KeyExpiry', 'Online', 'LastSeen'])

interface Step {
  readonly domain: string
  readonly step: PeerStep
}

/**
 * From each node to what it became, the same for all who see it. Bounded: gone with the older one, which nothing here holds: by the newer one, every
 * node would hold all that it ever was.
 */
const steps = new WeakMap<NetNode, WeakMap<NetNode, Step>>()

export function peerStep(was: NetNode, is: NetNode, domain: string): PeerStep {
  const ofWas = steps.get(was) ?? new WeakMap<NetNode, Step>()
  steps.set(was, ofWas)
  const known = ofWas.get(is)
  if (known?.domain === domain) return known.step
  const step = makeStep(wirePeer(was, domain), wirePeer(is, domain), mayRelay(is))
  ofWas.set(is, { domain, step })
  return step
}

function makeStep(was: WireNode, is: WireNode, isRelay: boolean): PeerStep {
  const names = [...new Set([...keysOf(was), ...keysOf(is)])].filter((name) => !equal(was[name], is[name]))
  if (names.length === 0) return []
  // A home or a version that is not known any more cannot be said in part.
  const isWhole = names.some((name) => !patchable.has(name)) || (names.includes('HomeDERP') && is.HomeDERP === undefined) || (names.includes('Cap') && is.Cap === undefined)
  if (isWhole) return 'whole'
  const has = (name: keyof WireNode): boolean => names.includes(name)
  const change: PeerChange = {
    NodeID: is.ID,
    ...(has('HomeDERP') && { DERPRegion: is.HomeDERP }),
    // A region alone does not reach the client's list of relays: with a version beside it, it does (trap 26).
    ...((has('Cap') || (has('HomeDERP') && isRelay)) && is.Cap !== undefined && { Cap: is.Cap }),
    ...(has('Endpoints') && { Endpoints: is.Endpoints ?? [] }),
    ...(has('KeyExpiry') && { KeyExpiry: is.KeyExpiry ?? zeroTime }),
  }
  const presence: PeerChange = { NodeID: is.ID, ...(is.Online !== undefined && { Online: is.Online }), ...(is.LastSeen !== undefined && { LastSeen: is.LastSeen }) }
  if (!has('DiscoKey')) return [{ ...change, ...((has('Online') || has('LastSeen')) && presence) }]
  // Said to be offline, a client drops a new disco key; a node that has one was there just now (traps 20 and 23).
  const fresh: PeerChange = { ...change, DiscoKey: is.DiscoKey, Online: true }
  return is.Online === true ? [fresh] : [fresh, { ...presence, LastSeen: is.LastSeen ?? goTime(0) }]
}

function keysOf(node: WireNode): (keyof WireNode)[] {
  return Object.keys(node) as (keyof WireNode)[] // made by wirePeer: it has no other members
}
