import type { Clock, RandomBytes } from '../lib/clock.ts'
import type { DerpRegion } from '../protocol/channel/index.ts'
import type { NodeKey } from '../protocol/keys.ts'
import type { NodeKeys } from './config.ts'
import type { Log } from './log.ts'

/** A standing connection to one DERP region; it comes back by itself after each loss. */
export interface DerpConnection {
  readonly connected: boolean
  /** Lost when not connected: who asks over DERP asks again. */
  send(to: NodeKey, bytes: Uint8Array): void
  close(): Promise<void>
}

export interface DerpHomeOptions {
  readonly keys: NodeKeys
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: Log
  readonly onPacket: (from: NodeKey, bytes: Uint8Array) => void
  /** `region` or `connected` may be another. */
  readonly onChange: () => void
}

export interface DerpHome {
  /** The home region's id once it has been reached; 0: none yet. */
  readonly region: number
  readonly connected: boolean
  setRegions(regions: readonly DerpRegion[]): void
  send(to: NodeKey, bytes: Uint8Array): void
  close(): Promise<void>
}

/** The agent's home DERP: the first region that it is told of. */
export function createDerpHome(_options: DerpHomeOptions): DerpHome {
  return { region: 0, connected: false, setRegions: () => undefined, send: () => undefined, close: () => Promise.resolve() }
}
