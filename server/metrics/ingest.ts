import { setTimeout as wait } from 'node:timers/promises'
import type { Clock } from '../../lib/clock.ts'
import type { Report } from '../../protocol/channel/index.ts'
import type { Bus } from '../bus/index.ts'
import type { Db } from '../db/client.ts'
import { cleanReport } from './clean.ts'
import type { OpenSessions } from './open-sessions.ts'
import type { Partitions } from './partitions.ts'
import { openSessions, type SessionEnded } from './sessions.ts'
import type { Amounts } from './spread.ts'
import { takeReports, type Entry, type Taken } from './take.ts'
import type { MetricsLog, NodeNames, QuotaLedger, ReportArrival } from './types.ts'

/** Beyond it a report is not taken: its agent keeps it and sends it again. */
const maxWaiting = 5000
const maxBatch = 200
/** One report may name 70,000 sessions. */
const maxBatchSessions = 20_000
const maxUnknownEnds = 1000
const maxAmounts = 360
const firstRetryMs = 50
const longestRetryMs = 2000

interface Waiting extends Entry {
  readonly resolve: () => void
  readonly reject: (error: Error) => void
}

export interface IngestOptions {
  readonly db: Db
  readonly bus: Bus
  readonly clock: Clock
  readonly log: MetricsLog
  readonly names: NodeNames
  readonly open: OpenSessions
  readonly partitions: Partitions
  readonly quotas: QuotaLedger | undefined
  /** Once for each report that is in the database now. */
  readonly onTaken: (entry: Entry) => void
}

/** The one writer of figures: reports are taken in the order they come, those that wait together in one transaction. */
export class Ingest {
  readonly #options: IngestOptions
  /** Bounded: `maxWaiting`. */
  readonly #waiting: Waiting[] = []
  /** Bounded: `maxAmounts`, an hour of the DERP's; the oldest are dropped. */
  readonly #amounts: Amounts[] = []
  /** Ends that came before their session's first delta. Bounded: `maxUnknownEnds`, the oldest are dropped. */
  #unknownEnds: readonly SessionEnded[] = []
  /** A transaction broke off: it may have been done all the same. */
  #isUnsure = false
  #running: Promise<void> | undefined
  #isDisposed = false

  constructor(options: IngestOptions) {
    this.#options = options
  }

  /** Resolves once the report is in the database, or was before. Rejects when too many wait, or at the end. */
  ingest(nodeId: number, report: Report, arrival: ReportArrival): Promise<void> {
    const clean = cleanReport(report, arrival)
    if (clean === undefined) {
      this.#options.log.warn({ nodeId, sequence: report.sequence }, 'metrics: a report that cannot be counted')
      return Promise.resolve()
    }
    if (this.#isDisposed || this.#waiting.length >= maxWaiting) return Promise.reject(new Error('reports cannot be taken now'))
    return new Promise((resolve, reject) => {
      this.#waiting.push({ nodeId, report: clean, resolve, reject })
      this.#start()
    })
  }

  /** Amounts that come from no report. */
  add(amounts: Amounts): void {
    this.#amounts.push(amounts)
    if (this.#amounts.length > maxAmounts) this.#amounts.shift()
    this.#start()
  }

  /** Takes what waits if the database answers, and no more after it. */
  async dispose(): Promise<void> {
    this.#isDisposed = true
    await this.#running
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the control plane is stopping'))
  }

  #start(): void {
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // What comes in the same turn goes into the same batch.
    await wait(0)
    let retryMs = firstRetryMs
    while (this.#waiting.length > 0 || this.#amounts.length > 0) {
      const batch = this.#nextBatch()
      const amounts = this.#amounts.splice(0)
      try {
        await this.#take(batch, amounts)
        retryMs = firstRetryMs
      } catch (error) {
        if (await this.#answers()) await this.#oneByOne(batch, amounts, error)
        else {
          this.#waiting.unshift(...batch)
          this.#amounts.unshift(...amounts)
          if (this.#isDisposed) break
          this.#options.log.warn({ err: error }, `metrics: the database does not answer; ${this.#waiting.length} reports wait`)
          await wait(retryMs)
          retryMs = Math.min(longestRetryMs, retryMs * 2)
        }
      }
    }
    // In the same turn as the last look at what waits: what comes from now on starts anew.
    this.#running = undefined
  }

  #nextBatch(): Waiting[] {
    let sessions = 0
    let size = 0
    for (const { report } of this.#waiting) {
      sessions += report.sessions.length
      if (size > 0 && (size >= maxBatch || sessions > maxBatchSessions)) break
      size++
    }
    return this.#waiting.splice(0, size)
  }

  async #take(batch: readonly Waiting[], amounts: readonly Amounts[]): Promise<void> {
    const { db, clock, names, open, partitions, quotas } = this.#options
    const now = clock.now()
    await partitions.cover(now)
    const name = (nodeId: number): string => names.node(nodeId)?.name ?? `#${nodeId}`
    const unsure = this.#isUnsure
    // Before anything is charged: who pays depends on what was.
    if (unsure) await quotas?.reload()
    this.#isUnsure = true
    const taken = await takeReports(db, batch, { now, open, name, unknownEnds: this.#unknownEnds, amounts, quotas })
    // A repeat of what was done says nothing of its sessions.
    if (unsure) open.replaceAll(await openSessions(db))
    this.#isUnsure = false
    this.#unknownEnds = taken.unknownEnds.slice(-maxUnknownEnds)
    this.#apply(taken)
    for (const { resolve } of batch) resolve()
  }

  #apply({ fresh, restarted, sessions, ended, charged }: Taken): void {
    const { open, bus, onTaken, quotas } = this.#options
    /** Bounded: relays of one batch. */
    const changed = new Set<number>()
    for (const { relayId, key } of restarted) {
      open.delete(relayId, key)
      changed.add(relayId)
    }
    for (const state of sessions) {
      const known = open.get(state.relayId, state.key)
      // That packets are too large for a way is told when it begins, not with the next session that comes or goes.
      if ((known !== undefined) !== state.isOpen || (known !== undefined && known.tooBigA + known.tooBigB === 0 && state.tooBigA + state.tooBigB > 0)) changed.add(state.relayId)
      open.put(state)
    }
    for (const { relayId, key } of ended) {
      open.delete(relayId, key)
      changed.add(relayId)
    }
    for (const entry of fresh) onTaken(entry)
    if (charged) quotas?.committed(charged)
    for (const relayId of changed) bus.publish('session.changed', { relayId })
  }

  async #answers(): Promise<boolean> {
    try {
      await this.#options.db.$queryRaw`SELECT 1`
      return true
    } catch {
      return false
    }
  }

  /** The database works, so something in the batch does not: what fails alone is given up, or it would come for ever. */
  async #oneByOne(batch: readonly Waiting[], amounts: readonly Amounts[], cause: unknown): Promise<void> {
    const { log } = this.#options
    log.warn({ err: cause }, `metrics: ${batch.length} reports could not be taken together`)
    for (const [i, one] of batch.entries()) {
      try {
        await this.#take([one], [])
      } catch (error) {
        if (!await this.#answers()) {
          this.#waiting.unshift(...batch.slice(i))
          this.#amounts.unshift(...amounts)
          return
        }
        log.error({ err: error, nodeId: one.nodeId }, 'metrics: a report was given up')
        one.resolve()
      }
    }
    for (const one of amounts) await this.#take([], [one]).catch((error: unknown) => log.error({ err: error }, 'metrics: figures of the DERP were given up'))
  }
}
