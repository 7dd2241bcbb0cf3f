import type { Clock } from '../lib/clock.ts'
import type { Report } from '../protocol/channel/index.ts'
import type { Reporter } from './telemetry/index.ts'

/** While somebody looks at the figures. */
const watchedMs = 1000
const unwatchedMs = 10_000
/** From a session's begin or end to the report that says so; those of one moment share it. */
const soonMs = 150
/** More than the one that is on its way: nobody answers, and hurry would only fill what waits. */
const unanswered = 2

export interface ReportingOptions {
  readonly reporter: Reporter
  readonly clock: Clock
  readonly channel: { readonly outboxFull: boolean; readonly unsent: readonly Report[]; report(report: Report): void }
  /** Keeps the unacknowledged reports for the next start; may throw (a full disk). */
  readonly save: (reports: readonly Report[]) => void
  readonly onSaveError: (error: unknown) => void
}

/** Decides when a report is made, and keeps on disk those that nobody has acknowledged. */
export class Reporting {
  readonly #options: ReportingOptions
  #everyMs = unwatchedMs
  #timer: NodeJS.Timeout | undefined
  #isOnDisk: boolean
  #isHurried = false

  /** `onDisk`: the last run left reports in the file. */
  constructor(options: ReportingOptions, onDisk: boolean) {
    this.#options = options
    this.#isOnDisk = onDisk
  }

  /** Makes a report now and goes on from here. */
  start(): void {
    this.#isHurried = false
    this.#make()
    this.#arm()
  }

  watch(on: boolean): void {
    const everyMs = on ? watchedMs : unwatchedMs
    if (everyMs === this.#everyMs) return
    this.#everyMs = everyMs
    if (this.#timer !== undefined) this.start()
  }

  /** A session began or ended: people look for it, whether or not for figures. */
  soon(): void {
    if (this.#timer === undefined || this.#isHurried || this.#options.channel.unsent.length >= unanswered) return
    this.#isHurried = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.start(), soonMs)
  }

  /** The last report, kept on disk until an acknowledgement comes, in this run or the next. */
  stop(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#make()
    this.#save(this.#options.channel.unsent)
  }

  #arm(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.start(), this.#everyMs)
  }

  #make(): void {
    const { reporter, clock, channel } = this.#options
    // What waits is at its bound: the counters go on, the next report covers more.
    if (channel.outboxFull) return
    const waiting = channel.unsent.length
    channel.report(reporter.make(clock.now()))
    // While the control plane answers, nothing waits and nothing is written.
    if (waiting > 0) this.#save(channel.unsent)
    else if (this.#isOnDisk) this.#save([])
  }

  #save(reports: readonly Report[]): void {
    try {
      this.#options.save(reports)
      this.#isOnDisk = reports.length > 0
    } catch (error) {
      this.#options.onSaveError(error)
    }
  }
}
