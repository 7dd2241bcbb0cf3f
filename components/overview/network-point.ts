import type { LiveSample, NetworkThroughput } from '../../server/trpc/types.ts'

export type NetworkPoint = NetworkThroughput['points'][number]

/** One second of the network: what its relays forwarded, as the history has it; null: no relay reports. What came and was dropped is told by the drops. */
export function networkPoint({ at, relays, derpBits }: LiveSample): NetworkPoint {
  return { at, relayBits: relays.length > 0 ? relays.reduce((sum, { bitsOut }) => sum + bitsOut, 0) : null, derpBits }
}
