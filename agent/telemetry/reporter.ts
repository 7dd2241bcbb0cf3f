import type { Millis } from '../../lib/clock.ts'
import type { Report, SessionDelta, SessionEnd } from '../../protocol/channel/index.ts'
import type { PlaneTotals, SessionTraffic } from '../dataplane/index.ts'
import type { SessionInfo } from '../relay/index.ts'

/** Sessions, and ends, in one report: the channel takes 70,000 and refuses a frame that has more. */
const maxRows = 65_536
/** Ends that wait for a report, each with its session's last figures. Beyond it, see `Reporter.ended`. */
const maxEnded = 65_536

export interface ReportSources {
  readonly totals: () => PlaneTotals
  /** Figures of ended sessions are given once, so only the reporter reads them. */
  readonly traffic: () => SessionTraffic[]
  /** Only growing, from the process's start. */
  readonly drops: () => Readonly<Record<string, number>>
  readonly endpoints: () => number
  readonly cpuMs: () => number
}

interface Counted {
  readonly session: SessionInfo
  isNew: boolean
  packets: readonly [number, number]
  bytes: readonly [number, number]
  tooBig: readonly [number, number]
}

interface Snapshot {
  readonly at: Millis
  readonly totals: PlaneTotals
  readonly drops: Readonly<Record<string, number>>
  readonly cpuMs: number
}

/**
 * Turns counters that grow into reports of deltas. What one report does not carry the next one does; a report, once
 * made, is never changed, so that it may be sent again with its sequence.
 */
export class Reporter {
  readonly #boot: string
  readonly #sources: ReportSources
  #sequence = 0
  #last: Snapshot
  /** Open sessions by VNI. Bounded: the core's endpoints. */
  readonly #open = new Map<number, Counted>()
  /** Ended since the last report, by VNI. Bounded as `#ended`. */
  readonly #closing = new Map<number, Counted>()
  /** Bounded: `maxEnded`, and beyond it only sessions that a report has named, at most one per endpoint. */
  readonly #ended: SessionEnd[] = []
  #forgotten = 0

  /** `live`: sessions restored from the saved state; the first report names them all. */
  constructor(boot: string, sources: ReportSources, live: readonly SessionInfo[], now: Millis) {
    this.#boot = boot
    this.#sources = sources
    this.#last = { at: now, totals: zeroTotals, drops: {}, cpuMs: 0 }
    for (const session of live) this.opened(session)
  }

  opened(session: SessionInfo): void {
    this.#open.set(session.vni, { session, isNew: true, packets: [0, 0], bytes: [0, 0], tooBig: [0, 0] })
  }

  /** Sessions that came and went unreported while no report could be made. Only growing. */
  get forgotten(): number {
    return this.#forgotten
  }

  /**
   * While the outbox is full, ends wait. With `maxEnded` of them waiting, a session that no report has named is forgotten
   * with its end, and counted: nobody knows of it. One that was named keeps its end, or it would be shown as open for ever.
   */
  ended(session: SessionInfo, reason: string, at: Millis): void {
    const counted = this.#open.get(session.vni)
    this.#open.delete(session.vni)
    if (this.#ended.length >= maxEnded && counted?.isNew !== false) {
      this.#forgotten++
      return
    }
    if (counted) this.#closing.set(session.vni, counted)
    this.#ended.push({ key: session.key, at, reason: reason.slice(0, 200) })
  }

  /** All that was counted since the last report. */
  make(now: Millis): Report {
    const { totals, traffic, drops, endpoints, cpuMs } = this.#sources
    const before = this.#last
    this.#last = { at: now, totals: totals(), drops: { ...drops() }, cpuMs: cpuMs() }
    const report: Report = {
      boot: this.#boot,
      sequence: ++this.#sequence,
      at: Math.round(now),
      intervalMs: Math.max(1, Math.round(now - before.at)),
      bytesIn: this.#last.totals.bytesIn - before.totals.bytesIn,
      bytesOut: this.#last.totals.bytesOut - before.totals.bytesOut,
      packetsIn: this.#last.totals.packetsIn - before.totals.packetsIn,
      packetsOut: this.#last.totals.packetsOut - before.totals.packetsOut,
      cpuMs: Math.max(0, this.#last.cpuMs - before.cpuMs),
      endpoints: endpoints(),
      drops: dropDeltas(this.#last, before),
      sessions: this.#sessions(traffic()),
      ended: this.#ended.splice(0, maxRows),
    }
    return report
  }

  #sessions(rows: readonly SessionTraffic[]): SessionDelta[] {
    const byVni = new Map(rows.map((row) => [`${row.vni} ${row.ended}`, row]))
    const deltas: SessionDelta[] = []
    const add = (counted: Counted, row: SessionTraffic | undefined): void => {
      const packets = row?.packets ?? counted.packets
      const bytes = row?.bytes ?? counted.bytes
      const tooBig = row?.tooBig ?? counted.tooBig
      if (!counted.isNew && isSame(packets, counted.packets) && isSame(tooBig, counted.tooBig)) return
      const { key, vni, clients, openedAt } = counted.session
      deltas.push({
        key, vni, a: clients[0].id, b: clients[1].id, openedAt,
        bytesFromA: bytes[0] - counted.bytes[0],
        bytesFromB: bytes[1] - counted.bytes[1],
        packetsFromA: packets[0] - counted.packets[0],
        packetsFromB: packets[1] - counted.packets[1],
        ...tooBigDelta(tooBig, counted.tooBig),
      })
      counted.isNew = false
      counted.packets = packets
      counted.bytes = bytes
      counted.tooBig = tooBig
    }
    // Those beyond wait for the next report: the control plane refuses a longer one.
    for (const [vni, counted] of this.#closing) {
      if (deltas.length >= maxRows) break
      add(counted, byVni.get(`${vni} true`))
      this.#closing.delete(vni)
    }
    for (const [vni, counted] of this.#open) {
      if (deltas.length >= maxRows) break
      add(counted, byVni.get(`${vni} false`))
    }
    return deltas
  }
}

const isSame = (one: readonly [number, number], other: readonly [number, number]): boolean => one[0] === other[0] && one[1] === other[1]

/** Absent where there were none: most sessions never have any. */
function tooBigDelta(now: readonly [number, number], before: readonly [number, number]): Pick<SessionDelta, 'tooBigFromA' | 'tooBigFromB'> {
  const [a, b] = [now[0] - before[0], now[1] - before[1]]
  return { ...(a > 0 && { tooBigFromA: a }), ...(b > 0 && { tooBigFromB: b }) }
}

const zeroTotals: PlaneTotals = { packetsIn: 0, bytesIn: 0, packetsOut: 0, bytesOut: 0, congestionDrops: 0, kernelDrops: 0, controlDrops: 0, rateDrops: 0, shareDrops: 0, tooBig: 0, socketErrors: 0 }

/** Only what grew: most reasons stay at zero. */
function dropDeltas(after: Snapshot, before: Snapshot): Record<string, number> {
  const { congestionDrops, kernelDrops, controlDrops, rateDrops, shareDrops, socketErrors } = after.totals
  const all = {
    ...Object.fromEntries(Object.entries(after.drops).map(([reason, count]) => [reason, count - (before.drops[reason] ?? 0)])),
    congestion: congestionDrops - before.totals.congestionDrops,
    'receive-buffer': kernelDrops - before.totals.kernelDrops,
    'rate-limit': rateDrops - before.totals.rateDrops,
    'fair-share': shareDrops - before.totals.shareDrops,
    'control-flood': controlDrops - before.totals.controlDrops,
    'socket-error': socketErrors - before.totals.socketErrors,
  }
  return Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0))
}
