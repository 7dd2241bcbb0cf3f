import type { LiveSample, RelayPoint, RelayThroughput } from '../../server/trpc/types.ts'

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
/** Two samples further apart have a gap between them. */
const gapMs = 3500

export function pointOf(sample: LiveSample, id: number): RelayPoint | null {
  const relay = sample.relays.find((one) => one.id === id)
  if (!relay) return null
  const { bitsIn, bitsOut, packetsIn, packetsOut, sessions, cpu, dropsPerSecond } = relay
  return { at: sample.at, bitsIn, bitsOut, packetsIn, packetsOut, sessions, cpu, dropsPerSecond }
}

export function unknownAt(at: number): RelayPoint {
  return { at, bitsIn: null, bitsOut: null, packetsIn: null, packetsOut: null, sessions: null, cpu: null, dropsPerSecond: null }
}

/** The buffer with one more second; a pause in the samples becomes a gap. */
export function addLive(points: readonly RelayPoint[], point: RelayPoint): RelayPoint[] {
  const last = points.at(-1)
  if (last && point.at <= last.at) return [...points]
  const between = last && point.at - last.at > gapMs ? [unknownAt(last.at + 1000)] : []
  return [...points, ...between, point].slice(-mostLive)
}

/** History, then each second since this page looks. */
export function merge(history: RelayThroughput | undefined, live: readonly RelayPoint[], from: number): RelayPoint[] {
  const [first] = live
  const past = (history?.points ?? []).filter(({ at }) => at >= from && (!first || at < first.at))
  // The step that still runs has no report yet; the live points stand in for it.
  while (first && past.length > 0 && past.at(-1)?.bitsIn === null && first.at - (past.at(-1)?.at ?? 0) < 2 * (history?.stepMs ?? 0)) past.pop()
  return [...past, ...live.filter(({ at }) => at >= from)]
}
