export interface DerpLimits {
  /** Connections at once, those that have not said who they are included. */
  readonly maxConnections: number
  /** Connections with one node key; the oldest gives way. */
  readonly maxPerKey: number
  /** What one client may send on average, and at once. Told to clients, which keep to it; beyond it we drop. */
  readonly bytesPerSecond: number
  readonly burstBytes: number
  /** Packets that wait for one client that reads slowly; beyond it the oldest is dropped. */
  readonly queueBytes: number
}

/** 20 Mbit/s each: enough to work by, and a reason to use a relay. */
export const defaultDerpLimits: DerpLimits = {
  maxConnections: 4096,
  maxPerKey: 4,
  bytesPerSecond: 2_500_000,
  burstBytes: 2_500_000,
  queueBytes: 512 * 1024,
}
