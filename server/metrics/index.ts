import type { Clock } from '../../lib/clock.ts'
import type { Report } from '../../protocol/channel/index.ts'
import type { Bus } from '../bus/index.ts'
import type { Db } from '../db/client.ts'
import { DerpFigures } from './derp.ts'
import { Ingest } from './ingest.ts'
import { Live, type LiveFigures } from './live.ts'
import { OpenSessions } from './open-sessions.ts'
import { Partitions } from './partitions.ts'
import { PresenceLog } from './presence.ts'
import { createQueries, type MetricsQueries } from './query.ts'
import { endUnnamed, openSessions } from './sessions.ts'
import type { DerpSecond, MetricsLog, NodeNames, QuotaLedger, ReportArrival } from './types.ts'
import { endSilentSessions, keepRetention, silentMs } from './upkeep.ts'

export type { LiveFigures, LiveInterest, LiveSample } from './live.ts'
export type { DropFigures, MetricsQueries } from './query.ts'
export type { DerpPairFigures, DerpSecond, MetricsLog, NodeNames, RelayFigures, ReportArrival, SessionFigures } from './types.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

export interface MetricsOptions {
  readonly db: Db
  readonly bus: Bus
  readonly clock: Clock
  readonly log: MetricsLog
  /** The live network. */
  readonly names: NodeNames
  /** Absent: nothing that sessions carry is charged. */
  readonly quotas?: QuotaLedger
}

export interface Metrics {
  readonly live: LiveFigures
  readonly queries: MetricsQueries
  /** Resolves once the report is in the database, or was before. Rejects when it cannot be taken now: the agent sends it again. */
  ingest(nodeId: number, report: Report, arrival: ReportArrival): Promise<void>
  /** Each second, from the DERP server. Never throws. */
  recordDerp(second: DerpSecond): void
  /** What a timer calls each second: feeds pages, keeps partitions and retention. Its failures are logged. */
  tick(): Promise<void>
  dispose(): Promise<void>
}

/** Loads what runs, makes the partitions, and starts the timer; `startTimer: false` for a simulated clock. */
export async function createMetrics({ db, bus, clock, log, names, quotas }: MetricsOptions, { startTimer = true } = {}): Promise<Metrics> {
  const open = new OpenSessions()
  const partitions = new Partitions(db)
  const presence = new PresenceLog(db, clock, names)
  const derp = new DerpFigures(clock.now())
  const live = new Live({ clock, open, derp, onError: (error) => log.error({ err: error }, 'metrics: a listener failed') })
  const ingest = new Ingest({ db, bus, clock, log, names, open, partitions, quotas, onTaken: ({ nodeId, report }) => live.rates.taken(nodeId, report) })

  await partitions.cover(clock.now())
  open.replaceAll(await openSessions(db))
  await presence.load()

  const failed = (what: string) => (error: unknown): void => log.error({ err: error }, `metrics: ${what} failed`)

  async function removed(nodeId: number, cause: string): Promise<void> {
    const keys = await endUnnamed(db, nodeId, [], clock.now(), cause || 'relay removed')
    for (const key of keys) open.delete(nodeId, key)
    if (keys.length > 0) bus.publish('session.changed', { relayId: nodeId })
  }

  const stops = [
    bus.subscribe('node.presence', ({ nodeId, online }) => {
      if (!online) live.rates.forget(nodeId)
      presence.changed(nodeId, online).catch(failed('a mark'))
    }),
    bus.subscribe('node.removed', ({ nodeId, cause }) => {
      live.rates.forget(nodeId)
      presence.removed(nodeId)
      removed(nodeId, cause).catch(failed('ending the sessions of a removed relay'))
    }),
  ]

  const startedAt = clock.now()
  let silentAt = startedAt + silentMs
  let retentionAt = startedAt + minuteMs

  function feed(): void {
    live.tick()
    const amounts = derp.take(clock.now())
    if (amounts) ingest.add(amounts)
  }

  async function keep(): Promise<void> {
    const now = clock.now()
    await presence.tick().catch(failed('a mark'))
    // Agents that were cut off with us have that long to come back.
    if (now >= silentAt) {
      silentAt = now + minuteMs
      const relays = await endSilentSessions(db, open, now).catch(failed('ending silent sessions'))
      for (const relayId of relays ?? []) bus.publish('session.changed', { relayId })
    }
    if (now >= retentionAt) {
      retentionAt = now + hourMs
      await keepRetention(db, partitions, now).catch(failed('retention'))
    }
  }

  let keeping: Promise<void> | undefined
  // Pages are fed also while the database is slow.
  function tick(): Promise<void> {
    feed()
    keeping ??= keep().finally(() => { keeping = undefined })
    return keeping
  }
  const timer = startTimer ? setInterval(() => void tick(), 1000) : undefined

  return {
    live,
    queries: createQueries(db, clock, names),
    ingest: (nodeId, report, arrival) => ingest.ingest(nodeId, report, arrival),
    recordDerp: (second) => derp.record(second, clock.now()),
    tick,
    async dispose() {
      clearInterval(timer)
      for (const stop of stops) stop()
      await keeping
      await ingest.dispose()
    },
  }
}
