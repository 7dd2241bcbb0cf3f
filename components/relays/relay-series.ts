import type { LiveSample, RelayPoint, RelayThroughput } from '../../server/trpc/types.ts'
import { joinLive } from '../chart/join.ts'

export const ranges = ['live', '15m', '1h', '24h'] as const
export type PageRange = (typeof ranges)[number]

export function toRange(value: string): PageRange {
  return ranges.find((range) => range === value) ?? 'live'
}

const minute = 60_000
export const spanOf: Readonly<Record<PageRange, number>> = { live: 3 * minute, '15m': 15 * minute, '1h': 60 * minute, '24h': 24 * 60 * minute }
/** How often history is asked for again: as often as a new step is likely to be there. */
export const refetchOf: Readonly<Record<PageRange, number>> = { live: 60_000, '15m': 10_000, '1h': 20_000, '24h': 60_000 }

/** Live points kept: ten minutes, more than the steps of history are behind. */
const mostLive = 600
export function pointOf(sample: LiveSample, id: number): RelayPoint | null {
  const relay = sample.relays.find((one) => one.id === id)
  if (!relay) return null
  const { bitsIn, bitsOut, packetsIn, packetsOut, sessions, cpu, dropsPerSecond } = relay
  return { at: sample.at, bitsIn, bitsOut, packetsIn, packetsOut, sessions, cpu, dropsPerSecond }
}

export function unknownAt(at: number): RelayPoint {
  return { at, bitsIn: null, bitsOut: null, packetsIn: null, packetsOut: null, sessions: null, cpu: null, dropsPerSecond: null }
}

/** The buffer with one more second. */
export function addLive(points: readonly RelayPoint[], point: RelayPoint): RelayPoint[] {
  const last = points.at(-1)
  return last && point.at <= last.at ? [...points] : [...points, point].slice(-mostLive)
}

/** Each second since this page looks, and history wherever none was heard. */
export function merge(history: RelayThroughput | undefined, live: readonly RelayPoint[], from: number, to: number): RelayPoint[] {
  return joinLive({ history: history?.points ?? [], stepMs: history?.stepMs ?? 0, live, from, to, isKnown: ({ bitsIn }) => bitsIn !== null, unknownAt })
}
