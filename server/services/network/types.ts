import type { Millis } from '../../../lib/clock.ts'
import type { ClientLimits, DerpRegion, NetNode, Network, NetworkNames, NodeView } from '../../../netmap/index.ts'
import type { Policy } from '../../../policy/index.ts'
import type { RelayConfig } from '../../../protocol/channel/index.ts'
import type { LiveQuotas } from '../quota/live.ts'
import type { RelayState } from '../relay/shape.ts'

/** What is wanted of a relay and what it last reported, as stored. */
export interface StoredRelay extends RelayConfig {
  readonly state: Exclude<RelayState, 'offline'>
}

/** A machine as stored: what the network map needs of it, without what only this process knows. */
export interface StoredNode extends Omit<NetNode, 'online' | 'relayUp' | 'gone' | 'attributes'> {
  readonly relay: StoredRelay | undefined
}

/** Where the live network reads from; tests give lists. */
export interface NetworkLoader {
  nodes(): Promise<readonly StoredNode[]>
  /** Those of the ids that still exist. */
  nodesById(ids: readonly number[]): Promise<readonly StoredNode[]>
  /** The policy in force. Its text is valid: it was checked before it was saved. */
  policy(): Promise<{ readonly version: number; readonly text: string }>
  names(): Promise<NetworkNames>
  /** By grant, bytes used of its quota in a month such as `2026-11`. */
  quotaUse(month: string): Promise<ReadonlyMap<string, number>>
}

/** The network in memory, following the bus. */
export interface LiveNetwork {
  view(nodeId: number): NodeView | undefined
  network(): Network
  node(nodeId: number): NetNode | undefined
  nodeByKey(nodeKey: string): NetNode | undefined
  /** What is wanted of a relay; undefined: the node is none. */
  relayConfig(nodeId: number): RelayConfig | undefined
  /** What grants limit for those that a relay serves. It changes with the relay's view alone: a limit is in its packet filter. */
  clientLimits(nodeId: number): readonly ClientLimits[]
  /** Its channel is open. */
  isOnline(nodeId: number): boolean
  /** When its channel broke; undefined: it is open, or was not since this process started. */
  offlineSince(nodeId: number): Millis | undefined
  /** The policy in force as written: its groups, tag owners and grants. */
  policy(): Policy
  readonly quotas: LiveQuotas
  /** Makes a stock relay stop for a moment, and lets it go again: sessions that run there end at once. Kept in memory alone. */
  holdRelay(nodeId: number, isHeld: boolean, cause: string): void
  isRelayHeld(nodeId: number): boolean
  setDerpRegions(regions: readonly DerpRegion[], cause?: string): void
  /** Everything that was published before is taken in. */
  settled(): Promise<void>
  /** The same but for who is connected, which comes in a moment by itself. */
  taken(): Promise<void>
  dispose(): void
}
