import type { Millis } from '../../lib/clock.ts'
import type { Report, SessionDelta, SessionEnd } from '../../protocol/channel/index.ts'
import type { ReportArrival } from './types.ts'

const maxInt4 = 0x7fff_ffff
/** A report covers at most this; an agent that was cut off for longer says the rest in bytes, not in time. */
const maxIntervalMs = 24 * 3_600_000
/** No host forwards 800 Gbit/s or a thousand million packets a second: such a figure is a fault, and would spoil a graph for good. */
const maxBytesPerMs = 100_000_000
const maxPacketsPerMs = 1_000_000
const maxCores = 1024
/** Reasons of drops in one report; the relay has about forty. */
const maxReasons = 64
/** Older than any retention that would show it. */
const oldestMs = 30 * 24 * 3_600_000

/** With 0 for what its agent does not tell. */
export interface CleanDelta extends SessionDelta {
  tooBigFromA: number
  tooBigFromB: number
}

/** A report as it is counted: times are the control plane's, values within what can be. */
export interface CleanReport extends Omit<Report, 'at' | 'intervalMs' | 'sessions'> {
  /** The span that it covers. */
  readonly from: Millis
  readonly to: Millis
  readonly isHistory: boolean
  readonly sessions: readonly CleanDelta[]
}

/** Undefined: it cannot be counted at all (its sequence or boot cannot be kept). */
export function cleanReport(report: Report, { arrivedAt, skewMs, isHistory = false }: ReportArrival): CleanReport | undefined {
  if (report.sequence > maxInt4 || report.boot.includes('\0')) return undefined
  const intervalMs = isHistory ? maxIntervalMs : Math.min(report.intervalMs, maxIntervalMs)
  // Without a known skew a time ahead of ours shows the skew; one behind may as well be a report that waited.
  const skew = skewMs ?? Math.min(0, arrivedAt - report.at)
  const ours = (at: Millis): Millis => clamp(Math.round(at + skew), arrivedAt - oldestMs, arrivedAt)
  const bytes = (value: number): number => Math.min(value, maxBytesPerMs * intervalMs)
  const packets = (value: number): number => Math.min(value, maxPacketsPerMs * intervalMs)
  const to = ours(report.at)
  return {
    boot: report.boot,
    sequence: report.sequence,
    from: isHistory ? to : to - intervalMs,
    to,
    isHistory,
    bytesIn: bytes(report.bytesIn),
    bytesOut: bytes(report.bytesOut),
    packetsIn: packets(report.packetsIn),
    packetsOut: packets(report.packetsOut),
    cpuMs: Math.min(report.cpuMs, maxCores * intervalMs),
    endpoints: Math.min(report.endpoints, maxInt4),
    drops: Object.fromEntries(
      Object.entries(report.drops).filter(([reason]) => /^[a-z0-9-]{1,60}$/.test(reason)).slice(0, maxReasons).map(([reason, count]) => [reason, packets(count)]),
    ),
    sessions: report.sessions.filter(isPossible).map((delta) => ({
      ...delta,
      openedAt: ours(delta.openedAt),
      bytesFromA: bytes(delta.bytesFromA),
      bytesFromB: bytes(delta.bytesFromB),
      packetsFromA: packets(delta.packetsFromA),
      packetsFromB: packets(delta.packetsFromB),
      tooBigFromA: packets(delta.tooBigFromA ?? 0),
      tooBigFromB: packets(delta.tooBigFromB ?? 0),
    })),
    ended: report.ended.filter(({ key }) => isKey(key)).map((end): SessionEnd => ({ key: end.key, at: ours(end.at), reason: end.reason.replaceAll('\0', '') })),
  }
}

function isPossible({ key, a, b }: SessionDelta): boolean {
  return isKey(key) && a > 0 && a <= maxInt4 && b > 0 && b <= maxInt4
}

/** PostgreSQL's text holds no NUL. */
function isKey(key: string): boolean {
  return key !== '' && !key.includes('\0')
}

function clamp(value: number, low: number, high: number): number {
  return Math.max(low, Math.min(high, value))
}
