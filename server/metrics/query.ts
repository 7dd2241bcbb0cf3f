import type { Clock, Millis } from '../../lib/clock.ts'
import { Prisma, type Db } from '../db/client.ts'
import { networkMarks, relayMarks } from './marks.ts'
import { oneMinute, tenSeconds, type Resolution } from './resolution.ts'
import type { NetworkThroughput, Range, RelayPoint, RelayThroughput } from './shape.ts'
import type { NodeNames } from './types.ts'

/** From which series, and how wide a point is: at most 361 points of a graph. */
const plans: Readonly<Record<Range, { readonly series: Resolution; readonly stepMs: number; readonly spanMs: number }>> = {
  '15m': { series: tenSeconds, stepMs: 10_000, spanMs: 15 * 60_000 },
  '1h': { series: tenSeconds, stepMs: 10_000, spanMs: 60 * 60_000 },
  '24h': { series: oneMinute, stepMs: 5 * 60_000, spanMs: 24 * 60 * 60_000 },
}
/** Agents that nobody watches report each 10 s: the newest steps without a report are not gaps yet. */
const awaitedMs = 15_000
const sparklineSteps = 30
const sparklineStepMs = 30_000
const hourMs = 60 * 60_000

interface SumRow {
  relay: number
  step: number
  bytesIn: number
  bytesOut: number
  packetsIn: number
  packetsOut: number
  cpuMs: number
  coveredMs: number
  sessions: number
  drops: number
}

export interface DropFigures {
  /** By reason, most first. */
  readonly byReason: readonly { readonly reason: string; readonly count: number }[]
  readonly drops: number
  /** Datagrams received. */
  readonly packets: number
}

/** Questions about the past. Relay ids that are unknown have no points. */
export interface MetricsQueries {
  relayThroughput(relayId: number, range: Range): Promise<RelayThroughput>
  networkThroughput(range: Range): Promise<NetworkThroughput>
  /** By relay: mean bits a second forwarded, in 30 buckets of the last 15 minutes, oldest first; null: no report. */
  sparklines(relayIds: readonly number[]): Promise<ReadonlyMap<number, (number | null)[]>>
  /** By relay, of those that reported in the last hour. */
  dropsLastHour(): Promise<ReadonlyMap<number, DropFigures>>
  /** The busiest ten seconds of the last hour: bits a second forwarded by all relays. */
  peakLastHour(): Promise<{ readonly rate: number; readonly at: Date } | null>
  /** Null: nothing was recorded then. */
  sessionsHourAgo(): Promise<number | null>
}

export function createQueries(db: Db, clock: Clock, names: NodeNames): MetricsQueries {
  /** One row per relay and step that reports speak of. */
  function sums({ table }: Resolution, stepMs: number, from: Millis, relayIds: readonly number[]): Promise<SumRow[]> {
    return db.$queryRaw<SumRow[]>`
      SELECT relay_id AS relay, (floor(extract(epoch FROM at) * 1000 / ${stepMs}::int) * ${stepMs}::int)::float8 AS step,
        sum(bytes_in)::float8 AS "bytesIn", sum(bytes_out)::float8 AS "bytesOut", sum(packets_in)::float8 AS "packetsIn", sum(packets_out)::float8 AS "packetsOut",
        sum(cpu_ms)::float8 AS "cpuMs", sum(covered_ms)::float8 AS "coveredMs", max(max_sessions)::int AS sessions,
        sum(CASE WHEN drops = '{}' THEN 0 ELSE (SELECT sum(value::bigint) FROM jsonb_each_text(drops)) END)::float8 AS drops
      FROM ${Prisma.raw(table)} WHERE at >= to_timestamp(${from}::float8 / 1000) AND relay_id = ANY(${[...relayIds]}::int[]) AND covered_ms > 0
      GROUP BY 1, 2`
  }

  /** Sums of what all relays forwarded: each rate over the time that its own reports speak of. */
  function totals({ table }: Resolution, stepMs: number, from: Millis): Promise<{ step: number; relayBits: number | null; derpBits: number | null }[]> {
    return db.$queryRaw`
      SELECT step, sum(rate) FILTER (WHERE relay_id > 0) AS "relayBits", sum(rate) FILTER (WHERE relay_id = 0) AS "derpBits" FROM (
        SELECT relay_id, (floor(extract(epoch FROM at) * 1000 / ${stepMs}::int) * ${stepMs}::int)::float8 AS step,
          sum(bytes_out)::float8 * 8000 / sum(covered_ms) AS rate
        FROM ${Prisma.raw(table)} WHERE at >= to_timestamp(${from}::float8 / 1000) AND covered_ms > 0 GROUP BY 1, 2
      ) AS rates GROUP BY step`
  }

  async function sparklines(relayIds: readonly number[]): Promise<Map<number, (number | null)[]>> {
    const last = Math.floor(clock.now() / sparklineStepMs) * sparklineStepMs
    const first = last - (sparklineSteps - 1) * sparklineStepMs
    const rows = await sums(tenSeconds, sparklineStepMs, first, relayIds)
    const lines = new Map(relayIds.map((id) => [id, Array.from({ length: sparklineSteps }, (): number | null => null)]))
    for (const row of rows) {
      const index = (row.step - first) / sparklineStepMs
      const line = lines.get(row.relay)
      if (line && index < sparklineSteps) line[index] = bits(row.bytesOut, row)
    }
    return lines
  }

  return {
    sparklines,

    async relayThroughput(relayId, range) {
      const { series, stepMs, steps, from, to } = gridOf(range, clock.now())
      const [rows, marks] = await Promise.all([
        sums(series, stepMs, from, [relayId]),
        relayMarks(db, relayId, from),
      ])
      const byStep = new Map(rows.map((row) => [row.step, row]))
      const points = steps.map((at) => point(at, byStep.get(at)))
      return { range, stepMs, from, to, points: withoutAwaited(points, (one) => one.bitsIn === null, stepMs, to), marks }
    },

    async networkThroughput(range) {
      const { series, stepMs, steps, from, to } = gridOf(range, clock.now())
      const [rows, marks] = await Promise.all([
        totals(series, stepMs, from),
        networkMarks(db, from, (id) => names.node(id)?.name ?? `#${id}`),
      ])
      const byStep = new Map(rows.map((row) => [row.step, row]))
      const points = steps.map((at) => ({ at, relayBits: byStep.get(at)?.relayBits ?? null, derpBits: byStep.get(at)?.derpBits ?? null }))
      return { range, stepMs, from, to, points: withoutAwaited(points, (one) => one.relayBits === null && one.derpBits === null, stepMs, to), marks }
    },

    async dropsLastHour() {
      const from = clock.now() - hourMs
      const rows = await db.$queryRaw<{ relay: number; reason: string | null; count: number | null; packets: number }[]>`
        WITH recent AS (SELECT relay_id, packets_in, drops FROM ${Prisma.raw(oneMinute.table)} WHERE at >= to_timestamp(${from}::float8 / 1000) AND relay_id > 0),
          reasons AS (SELECT relay_id, key AS reason, sum(value::bigint)::float8 AS count FROM recent, jsonb_each_text(drops) GROUP BY 1, 2)
        SELECT totals.relay_id AS relay, reason, count, packets
        FROM (SELECT relay_id, sum(packets_in)::float8 AS packets FROM recent GROUP BY 1) AS totals LEFT JOIN reasons USING (relay_id)
        ORDER BY count DESC NULLS LAST, reason`
      const figures = new Map<number, { byReason: { reason: string; count: number }[]; drops: number; packets: number }>()
      for (const { relay, reason, count, packets } of rows) {
        const one = figures.get(relay) ?? { byReason: [], drops: 0, packets }
        figures.set(relay, one)
        if (reason === null || count === null) continue
        one.byReason.push({ reason, count })
        one.drops += count
      }
      return figures
    },

    async peakLastHour() {
      const from = clock.now() - hourMs
      const [peak] = await db.$queryRaw<{ at: Date; rate: number }[]>`
        SELECT at, sum(bytes_out * 8000.0 / covered_ms)::float8 AS rate FROM ${Prisma.raw(tenSeconds.table)}
        WHERE at >= to_timestamp(${from}::float8 / 1000) AND relay_id > 0 AND covered_ms > 0 GROUP BY at ORDER BY rate DESC, at DESC LIMIT 1`
      return peak && peak.rate > 0 ? { rate: peak.rate, at: peak.at } : null
    },

    async sessionsHourAgo() {
      const at = clock.now() - hourMs
      const [answer] = await db.$queryRaw<{ isKnown: boolean; sessions: number }[]>`
        SELECT EXISTS (SELECT FROM ${Prisma.raw(oneMinute.table)} WHERE at > to_timestamp(${at - 120_000}::float8 / 1000) AND at <= to_timestamp(${at}::float8 / 1000)) AS "isKnown",
          (SELECT count(*)::int FROM "RelaySession" WHERE "openedAt" <= moment AND ("endedAt" IS NULL OR "endedAt" > moment)) AS sessions
        FROM (SELECT to_timestamp(${at}::float8 / 1000) AT TIME ZONE 'UTC' AS moment) AS past`
      return answer?.isKnown ? answer.sessions : null
    },
  }
}

function gridOf(range: Range, now: Millis): { series: Resolution; stepMs: number; steps: number[]; from: Millis; to: Millis } {
  const { series, stepMs, spanMs } = plans[range]
  const last = Math.floor(now / stepMs) * stepMs
  // The whole range, and the step under way.
  const count = spanMs / stepMs + 1
  const steps = Array.from({ length: count }, (_, i) => last - (count - 1 - i) * stepMs)
  return { series, stepMs, steps, from: last - (count - 1) * stepMs, to: now }
}

/** Bits a second over what reports speak of: a step that has just begun has the rate of what is known of it. */
function bits(bytes: number, row: SumRow): number {
  return (bytes * 8000) / row.coveredMs
}

function point(at: Millis, row: SumRow | undefined): RelayPoint {
  if (row === undefined) {
    return { at, bitsIn: null, bitsOut: null, packetsIn: null, packetsOut: null, sessions: null, cpu: null, dropsPerSecond: null }
  }
  const perSecond = (value: number): number => (value * 1000) / row.coveredMs
  return {
    at, bitsIn: bits(row.bytesIn, row), bitsOut: bits(row.bytesOut, row), packetsIn: perSecond(row.packetsIn), packetsOut: perSecond(row.packetsOut),
    sessions: row.sessions, cpu: row.cpuMs / row.coveredMs, dropsPerSecond: perSecond(row.drops),
  }
}

function withoutAwaited<Point extends { readonly at: Millis }>(points: readonly Point[], isEmpty: (point: Point) => boolean, stepMs: number, now: Millis): Point[] {
  const last = points.findLastIndex((one) => !isEmpty(one) || one.at + stepMs <= now - awaitedMs)
  return points.slice(0, last + 1)
}
