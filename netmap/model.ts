import type { Millis } from '../lib/clock.ts'
import type { CompiledPolicy, FilterRule, PolicyNode } from '../policy/index.ts'

/** A machine as the network map needs it. Keys are in text form (`nodekey:…`, `discokey:…`), addresses IPv4 first. */
export type NetNode = PolicyNode & {
  readonly stableId: string
  readonly kind: 'agent' | 'client' | 'simulated'
  readonly nodeKey: string
  readonly discoKey: string
  /** Where it may be reached directly, as `ip:port`. */
  readonly endpoints: readonly string[]
  /** DERP region, 0 while unknown. */
  readonly homeDerp: number
  readonly capVersion: number
  /** When its node key expires; absent: never. */
  readonly keyExpiry?: Millis
  readonly authorized: boolean
  readonly online: boolean
  /** It is switched on as a relay and reports that it relays. */
  readonly relayUp: boolean
}

/** A DERP region of one server, as agents are told of it. */
export type DerpRegion = {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly host: string
  readonly derpPort: number
  readonly stunPort: number
  /** Accepted certificates by hash; empty: verified by the system's authorities. */
  readonly pins: readonly string[]
}

/** All that decides every node's view. `now` decides which keys have expired. */
export type Network = {
  readonly nodes: readonly NetNode[]
  readonly policy: CompiledPolicy
  readonly derpRegions: readonly DerpRegion[]
  readonly now: Millis
}

/** A node as others see it. */
export type PeerView = NetNode

/** Who may be at an end of a session: what a relay needs to know a client by its keys and to name it. */
export type SessionPeer = Pick<NetNode, 'id' | 'name' | 'nodeKey' | 'discoKey' | 'keyExpiry'>

/** What one node may see and use; lists are by ascending id, so that equal views are equal values. */
export type NodeView = {
  readonly self: NetNode
  readonly peers: readonly PeerView[]
  readonly packetFilter: readonly FilterRule[]
  /** Ids of other nodes that it may use as relays and that are up. */
  readonly relays: readonly number[]
  /** Ids of other nodes that it may serve as a relay, whether it is up or not. */
  readonly serves: readonly number[]
  /**
   * For a node that serves anybody: every valid node but itself. One end of a session needs a grant, the other only
   * has to belong to the network (spec/relay-protocol.md §3), so this is more than `serves`.
   */
  readonly sessionPeers: readonly SessionPeer[]
  readonly derpRegions: readonly DerpRegion[]
}
