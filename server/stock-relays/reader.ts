import { toHex } from '../../lib/bytes.ts'
import type { Millis } from '../../lib/clock.ts'
import type { Report } from '../../protocol/channel/index.ts'
import { runningSessions } from '../services/relay/client-sessions.ts'
import type { RelayCounters } from './metrics-answer.ts'
import { namesIn } from './name-end.ts'
import type { RelayRequests } from './requests.ts'
import { SessionCounter, type SessionChanges } from './session-counter.ts'
import type { StockSession } from './sessions-answer.ts'
import type { StockRelaysOptions } from './types.ts'

/** After a longer pause what was carried meanwhile is of no known time. */
const longestGapMs = 60_000

/** Reads one stock relay's figures, and reports them as an agent would. */
export class Reader {
  readonly #options: StockRelaysOptions
  readonly #id: number
  /** An agent's boot: of this process, so that its numbers are not taken for another's. */
  readonly #boot: string
  #sequence = 0
  #sessions: SessionCounter | undefined
  #counters: RelayCounters | undefined
  #at: Millis | undefined

  constructor(options: StockRelaysOptions, id: number) {
    this.#options = options
    this.#id = id
    this.#boot = `stock-${toHex(options.services.random(8))}`
  }

  /** With its owner's consent: its sessions. Throws what the requests throw, or when the report cannot be taken now. */
  async readSessions(ask: Pick<RelayRequests, 'sessions'>): Promise<void> {
    const { sessions } = await ask.sessions()
    await this.#take(sessions, undefined)
  }

  /** All its sessions have ended, for this reason. */
  async allEnded(reason: string): Promise<void> {
    const known = await this.#known()
    if (known.size > 0) await this.#take([], reason)
  }

  /** Without consent: what it counted in all. */
  async readCounters(ask: Pick<RelayRequests, 'counters'>): Promise<void> {
    const counters = await ask.counters()
    const now = this.#options.services.clock.now()
    const [before, from] = [this.#counters, this.#at]
    if (before && counters && from !== undefined && now - from <= longestGapMs) {
      const since = (what: 'bytes' | 'packets'): number => (counters[what] < before[what] ? counters[what] : counters[what] - before[what])
      await this.#report({ deltas: [], ended: [], bytes: since('bytes'), packets: since('packets') }, counters.endpoints, from, now)
    }
    this.#counters = counters
    this.#at = now
  }

  async #take(sessions: readonly StockSession[], reason: string | undefined): Promise<void> {
    const now = this.#options.services.clock.now()
    const isLate = this.#at === undefined || now - this.#at > longestGapMs
    const from = this.#at === undefined || isLate ? now : this.#at
    const changes = (await this.#known()).take(sessions, namesIn(this.#options.services.network.network().nodes), from, now, reason)
    await this.#report(isLate ? { ...changes, bytes: 0, packets: 0 } : changes, sessions.length, from, now, isLate)
    // Only what was taken is counted from next time.
    this.#sessions = changes.next
    this.#at = now
  }

  async #known(): Promise<SessionCounter> {
    this.#sessions ??= SessionCounter.from(await runningSessions(this.#options.services, this.#id))
    return this.#sessions
  }

  async #report({ deltas, ended, bytes, packets }: Omit<SessionChanges, 'next'>, endpoints: number, from: Millis, to: Millis, isHistory = false): Promise<void> {
    const report: Report = {
      boot: this.#boot, sequence: this.#sequence + 1, at: to, intervalMs: Math.max(1, to - from),
      bytesIn: bytes, bytesOut: bytes, packetsIn: packets, packetsOut: packets, cpuMs: 0, endpoints, drops: {}, sessions: [...deltas], ended: [...ended],
    }
    await this.#options.metrics.ingest(this.#id, report, { arrivedAt: to, skewMs: 0, ...(isHistory ? { isHistory } : {}) })
    this.#sequence++
  }
}
