import type { Clock, RandomBytes } from '../lib/clock.ts'
import type { DerpRegion } from '../protocol/channel/index.ts'
import type { NodeKey } from '../protocol/keys.ts'
import type { NodeKeys } from './config.ts'
import { createDerpClient } from './derp/index.ts'
import type { Log } from './log.ts'

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

/** The agent's home DERP: the first region that it is told of. It comes back by itself after each loss. */
export function createDerpHome({ keys, clock, random, log, onPacket, onChange }: DerpHomeOptions): DerpHome {
  let home = 0
  let reached = 0
  const client = createDerpClient({
    region: undefined, keys, clock, random, onPacket,
    onState(state) {
      if (state.name === 'connected') reached = state.regionId
      onChange()
    },
    onLog: (text) => log.info(`DERP: ${text}`),
  })
  return {
    // Named only once reached, and for as long as it is the home: clients that ask there in an interruption ask again.
    get region() { return reached === home ? home : 0 },
    get connected() { return client.connected },
    setRegions([first]) {
      home = first?.id ?? 0
      client.update(first)
    },
    send: (to, bytes) => client.send(to, bytes),
    close: () => client.close(),
  }
}
