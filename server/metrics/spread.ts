import type { Millis } from '../../lib/clock.ts'
import type { Resolution } from './resolution.ts'

/** What a report adds up to, over the span `from`–`to`. */
export interface Amounts {
  readonly relayId: number
  readonly from: Millis
  readonly to: Millis
  readonly bytesIn: number
  readonly bytesOut: number
  readonly packetsIn: number
  readonly packetsOut: number
  readonly cpuMs: number
  readonly sessions: number
  readonly drops: Readonly<Record<string, number>>
}

/** A step's share; whole numbers whose sums over all steps are exact. */
export interface Step {
  readonly relayId: number
  readonly at: Millis
  bytesIn: number
  bytesOut: number
  packetsIn: number
  packetsOut: number
  cpuMs: number
  coveredMs: number
  sessions: number
  drops: Record<string, number>
}

/** A report over more steps than this says nothing of each: only coarser series take it. */
const maxSteps = 1440

/** Adds amounts to the steps of a series in proportion to time. Steps that begin before `oldest` are left out: their partition is gone. */
export function spread(amounts: Amounts, { stepMs }: Resolution, oldest: Millis, into: Map<string, Step>): void {
  const { from, to, relayId } = amounts
  const span = to - from
  const first = Math.floor(from / stepMs)
  const last = Math.floor((to - 1) / stepMs)
  if (span <= 0 || last - first >= maxSteps) return
  // What lies before a step's end, less what lay before its start: rounding never loses or makes a byte.
  const share = (total: number, before: Millis, after: Millis): number => Math.round((total * after) / span) - Math.round((total * before) / span)
  for (let index = first; index <= last; index++) {
    const at = index * stepMs
    if (at < oldest) continue
    const before = Math.max(0, at - from)
    const after = Math.min(span, at + stepMs - from)
    const key = `${relayId} ${at}`
    const step = into.get(key) ?? emptyStep(relayId, at)
    into.set(key, step)
    step.bytesIn += share(amounts.bytesIn, before, after)
    step.bytesOut += share(amounts.bytesOut, before, after)
    step.packetsIn += share(amounts.packetsIn, before, after)
    step.packetsOut += share(amounts.packetsOut, before, after)
    step.cpuMs += (amounts.cpuMs * (after - before)) / span
    step.coveredMs += after - before
    step.sessions = Math.max(step.sessions, amounts.sessions)
    for (const [reason, count] of Object.entries(amounts.drops)) {
      const dropped = share(count, before, after)
      if (dropped > 0) step.drops[reason] = (step.drops[reason] ?? 0) + dropped
    }
  }
}

function emptyStep(relayId: number, at: Millis): Step {
  return { relayId, at, bytesIn: 0, bytesOut: 0, packetsIn: 0, packetsOut: 0, cpuMs: 0, coveredMs: 0, sessions: 0, drops: {} }
}
