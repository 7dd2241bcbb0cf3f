import type { Millis } from '../lib/clock.ts'
import type { CompiledPolicy, FilterRule, PolicyNode } from '../policy/index.ts'
import type { Service } from '../protocol/tailcfg/index.ts'
import type { NetworkNames } from './names.ts'
import type { Primaries } from './routes.ts'

/** Whose a node is, as stock clients show it. Tagged nodes and those of nobody share one that is no person. */
export type NodeUser = { readonly id: number; readonly loginName: string; readonly displayName: string }

/** What only stock clients are told of a node (spec/coordination.md §4.1, §4.4). */
export type NodeFacts = {
  /** `mkey:…`; told to the node itself alone. */
  readonly machineKey: string
  readonly hostname: string
  /** As clients name systems: `linux`, `windows`, `macOS`. */
  readonly os: string
  readonly createdAt: Millis
  /** Where its peer API listens. */
  readonly services: readonly Service[]
  /** Its owner set it up as a peer relay. */
  readonly peerRelay?: boolean
  readonly user: NodeUser
}

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
  /** While it is not online and known: since when. */
  readonly lastSeen?: Millis
  /**
   * Prefixes that it routes for others, canonical: offered by it and approved. In a view: of itself those that it carries
   * now, of a peer those that the viewer is given. With the default routes, which come together, it is an exit node.
   */
  readonly routes: readonly string[]
  /** A router that is not connected, and not just for a moment: others carry its routes. Never in a view. */
  readonly gone?: true
  readonly facts: NodeFacts
  /** It is switched on as a relay and reports that it relays. */
  readonly relayUp: boolean
  /** While it is up: its channel broke a moment ago, and it may be gone. Clients are told of relays that follow it, too. */
  readonly relayDoubtful?: true
  /**
   * Names of node attributes (spec/coordination.md §4.3) by the machine's own settings. In a view: of itself all that it is told,
   * also by the policy, of a peer those that others are told. Absent: none.
   */
  readonly attributes?: readonly string[]
  /** It or the viewer has none: it is told without its IPv4 address, which policy goes by nevertheless. In views alone. */
  readonly withoutIPv4?: true
}

/** One DERP server. */
export type DerpNode = {
  /** Told apart by it within all regions, such as `900a`. */
  readonly name: string
  /** A name or an address: what its certificate is for, unless `certName` or a pin says otherwise. */
  readonly host: string
  /** Its address; `none`: it is not reached by this family. Absent: the name is looked up. */
  readonly ipv4?: string
  readonly ipv6?: string
  readonly derpPort: number
  /** 0: it answers no STUN. */
  readonly stunPort: number
  /** It answers STUN and nothing else. */
  readonly stunOnly?: true
  /** It answers `http://host/generate_204` on port 80. */
  readonly canPort80?: true
  /** Another name that its certificate is for. */
  readonly certName?: string
  /** Accepted certificates by hash, `sha256-raw:<hex>`, the one in use first; empty: verified by the system's authorities. */
  readonly pins: readonly string[]
}

/** DERP servers at one place: clients try them in this order. Never without one. */
export type DerpRegion = {
  readonly id: number
  readonly code: string
  readonly name: string
  /** To reach peers there only: nobody's home, and not measured. */
  readonly noHome?: true
  readonly nodes: readonly [DerpNode, ...DerpNode[]]
}

/** All that decides every node's view. `now` decides which keys have expired. */
export type Network = {
  readonly nodes: readonly NetNode[]
  readonly policy: CompiledPolicy
  readonly derpRegions: readonly DerpRegion[]
  readonly names: NetworkNames
  /** Who carries a route that several have, as chosen before: it stays while it is there. Absent: nobody was. */
  readonly primaries?: Primaries
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
  /** The same object in every view of one network. */
  readonly names: NetworkNames
}
