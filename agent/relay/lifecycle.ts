import type { Millis } from '../../lib/clock.ts'
import { isOpen, sessionInfo, type Allocation } from './allocation.ts'
import { bindLifetime, drainTime, maxEndedVnis, steadyStateLifetime, sweepInterval } from './constants.ts'
import { nextExpiry, whyNotStanding } from './network.ts'
import type { EndKind } from './reasons.ts'
import type { RelayState } from './state.ts'

/** Ends an allocation at once: what still comes for its VNI is dropped and counted as `ended-<kind>`. */
export function endAtOnce(state: RelayState, allocation: Allocation, kind: EndKind, reason: string, now: Millis): void {
  state.allocations.remove(allocation)
  state.revision++
  state.ended.delete(allocation.vni)
  state.ended.set(allocation.vni, kind)
  if (state.ended.size > maxEndedVnis) {
    const oldest = state.ended.keys().next()
    if (!oldest.done) state.ended.delete(oldest.value)
  }
  if (allocation.legs.some((leg) => leg.bound)) state.commands.push({ type: 'unbindForward', vni: allocation.vni, gentle: false })
  const session = sessionInfo(allocation)
  if (session) state.commands.push({ type: 'sessionEnded', session, reason, at: now })
}

/** Ends an allocation gently: its clients' probes are dropped, their data passes until they have left (spec section 4). */
export function endGently(state: RelayState, allocation: Allocation, reason: string, now: Millis): void {
  if (allocation.draining) return
  // Nobody sends data into an endpoint that is not open: there is nothing to be gentle with.
  if (!isOpen(allocation)) return endAtOnce(state, allocation, 'drained', reason, now)
  allocation.draining = { until: now + drainTime, reason }
  state.allocations.release(allocation)
  state.nextDrainEnd = Math.min(state.nextDrainEnd, now + drainTime)
  state.revision++
  state.commands.push({ type: 'unbindForward', vni: allocation.vni, gentle: true })
}

/** Ends at once every session that the configuration no longer lets stand; draining ones too. */
export function enforce(state: RelayState, cause: string, now: Millis): void {
  for (const allocation of [...state.allocations.all()]) {
    const end = whyNotStanding(allocation, state.known, cause, now)
    if (end) endAtOnce(state, allocation, end.kind, end.reason, now)
  }
  state.nextExpiry = nextExpiry(state.known, now)
}

/** Expiry per leg: an open endpoint lives while both legs send, another for its bind lifetime. */
export function sweep(state: RelayState, now: Millis): void {
  state.nextSweep = now + sweepInterval
  for (const allocation of [...state.allocations.all()]) {
    if (isOpen(allocation)) {
      const quiet = allocation.legs.find((leg) => now - leg.seen >= steadyStateLifetime)
      if (quiet) endAtOnce(state, allocation, 'idle', `No traffic from ${quiet.client.name} for 5 minutes`, now)
    } else if (now - allocation.createdAt >= bindLifetime) {
      endAtOnce(state, allocation, 'idle', 'Not bound within 30 seconds', now)
    }
  }
}

export function finishDrains(state: RelayState, now: Millis): void {
  state.nextDrainEnd = Infinity
  for (const allocation of [...state.allocations.all()]) {
    if (!allocation.draining) continue
    if (allocation.draining.until <= now) endAtOnce(state, allocation, 'drained', allocation.draining.reason, now)
    else state.nextDrainEnd = Math.min(state.nextDrainEnd, allocation.draining.until)
  }
}
