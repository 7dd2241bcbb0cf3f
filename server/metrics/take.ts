import type { Millis } from '../../lib/clock.ts'
import { Prisma, type Db, type Tx } from '../db/client.ts'
import type { CleanReport } from './clean.ts'
import { takeSequence, type Cursor } from './cursor.ts'
import type { OpenSessions } from './open-sessions.ts'
import { oldestKept } from './partitions.ts'
import { resolutions } from './resolution.ts'
import { addSteps } from './roll-ups.ts'
import { changeSessions, concluded, endSessions, endUnnamed, type SessionChange, type SessionEnded, type SessionState } from './sessions.ts'
import { spread, type Amounts, type Step } from './spread.ts'
import type { QuotaCharged, QuotaLedger } from './types.ts'

export interface Entry {
  readonly nodeId: number
  readonly report: CleanReport
}

export interface SessionName {
  readonly relayId: number
  readonly key: string
}

export interface Taken {
  /** Those of nodes of the network that had not been taken before, in the order given. */
  readonly fresh: readonly Entry[]
  /** In this order: what a restart ended, what was named, what was said to have ended. */
  readonly restarted: readonly SessionName[]
  readonly sessions: readonly SessionState[]
  readonly ended: readonly SessionName[]
  /** Ends of sessions that no report has named yet. */
  readonly unknownEnds: readonly SessionEnded[]
  /** Absent: there are no quotas. */
  readonly charged: QuotaCharged | undefined
}

export interface TakeOptions {
  readonly now: Millis
  readonly open: OpenSessions
  readonly name: (nodeId: number) => string
  /** Ends left over from earlier batches. */
  readonly unknownEnds: readonly SessionEnded[]
  /** Amounts without a report: the DERP server's. */
  readonly amounts: readonly Amounts[]
  readonly quotas: QuotaLedger | undefined
}

/** Counts reports once each: the cursors move in the same transaction as everything that the reports write. */
export async function takeReports(db: Db, entries: readonly Entry[], options: TakeOptions): Promise<Taken> {
  return db.$transaction(async (tx) => {
    const fresh = await moveCursors(tx, await ofNodes(tx, entries))
    for (const resolution of resolutions) {
      const steps = new Map<string, Step>()
      const oldest = oldestKept(resolution, options.now)
      for (const amounts of [...options.amounts, ...fresh.flatMap((entry) => (entry.report.isHistory ? [] : [amountsOf(entry, options.open)]))]) spread(amounts, resolution, oldest, steps)
      await addSteps(tx, resolution, [...steps.values()])
    }
    const restarted: SessionName[] = []
    for (const { nodeId, report } of fresh) {
      // A boot's first report names every session that goes on (agent/telemetry): what it leaves out ended with the last boot.
      if (report.sequence !== 1) continue
      const keys = await endUnnamed(tx, nodeId, report.sessions.map(({ key }) => key), report.from, concluded.restarted)
      restarted.push(...keys.map((key) => ({ relayId: nodeId, key })))
    }
    const changes = mergeChanges(fresh)
    const sessions = await changeSessions(tx, changes, options.name)
    const charged = await options.quotas?.charge(tx, changes.map(({ relayId, a, b, bytesFromA, bytesFromB }) => ({ relayId, a, b, bytes: bytesFromA + bytesFromB })))
    const ends = mergeEnds([...options.unknownEnds, ...fresh.flatMap(({ nodeId, report }) => report.ended.map((end) => ({ ...end, relayId: nodeId })))])
    const ended = await endSessions(tx, ends)
    const isKnown = new Set(ended.map(({ relayId, key }) => `${relayId} ${key}`))
    return { fresh, restarted, sessions, ended, charged, unknownEnds: ends.filter(({ relayId, key }) => !isKnown.has(`${relayId} ${key}`)) }
  }, { timeout: 30_000 })
}

/** Leaves out reports of nodes that were removed while they waited. Those that are there stay so until the end of the transaction: only then their sessions are ended. */
async function ofNodes(tx: Tx, entries: readonly Entry[]): Promise<Entry[]> {
  if (entries.length === 0) return []
  const ids = [...new Set(entries.map(({ nodeId }) => nodeId))]
  const rows = await tx.$queryRaw<{ id: number }[]>`SELECT id FROM "Node" WHERE id = ANY(${ids}::int[]) FOR KEY SHARE`
  const known = new Set(rows.map(({ id }) => id))
  return entries.filter(({ nodeId }) => known.has(nodeId))
}

/** Locks and moves the cursor of each boot; returns what had not been taken. */
async function moveCursors(tx: Tx, entries: readonly Entry[]): Promise<Entry[]> {
  if (entries.length === 0) return []
  const boots = new Map(entries.map((entry) => [`${entry.nodeId} ${entry.report.boot}`, entry]))
  const pairs = [...boots.values()].map(({ nodeId, report }) => Prisma.sql`(${nodeId}::int, ${report.boot}::text)`)
  const rows = await tx.$queryRaw<({ nodeId: number; boot: string } & Cursor)[]>`
    SELECT "nodeId", boot, sequence, missing FROM "ReportCursor" WHERE ("nodeId", boot) IN (${Prisma.join(pairs)}) FOR UPDATE`
  const cursors = new Map<string, Cursor>(rows.map((row) => [`${row.nodeId} ${row.boot}`, row]))
  const fresh = entries.filter(({ nodeId, report }) => {
    const key = `${nodeId} ${report.boot}`
    const moved = takeSequence(cursors.get(key), report.sequence)
    if (moved !== undefined) cursors.set(key, moved)
    return moved !== undefined
  })
  const moved = new Map(fresh.map((entry) => [`${entry.nodeId} ${entry.report.boot}`, entry]))
  if (moved.size === 0) return fresh
  const values = [...moved].map(([key, { nodeId, report }]) => {
    const cursor = cursors.get(key) ?? { sequence: report.sequence, missing: [] }
    return Prisma.sql`(${nodeId}::int, ${report.boot}::text, ${cursor.sequence}::int, ${[...cursor.missing]}::int[], to_timestamp(${report.to}::float8 / 1000) AT TIME ZONE 'UTC')`
  })
  await tx.$executeRaw`
    INSERT INTO "ReportCursor" AS c ("nodeId", boot, sequence, missing, at) VALUES ${Prisma.join(values)}
    ON CONFLICT ("nodeId", boot) DO UPDATE SET sequence = excluded.sequence, missing = excluded.missing, at = greatest(c.at, excluded.at)`
  return fresh
}

function amountsOf({ nodeId, report }: Entry, open: OpenSessions): Amounts {
  const { from, to, bytesIn, bytesOut, packetsIn, packetsOut, cpuMs, drops } = report
  const opened = report.sessions.filter(({ key }) => !open.has(nodeId, key)).length
  return { relayId: nodeId, from, to, bytesIn, bytesOut, packetsIn, packetsOut, cpuMs, drops, sessions: open.count(nodeId) + opened }
}

/** One change per session: a statement cannot change a row twice. */
function mergeChanges(entries: readonly Entry[]): SessionChange[] {
  const changes = new Map<string, SessionChange>()
  for (const { nodeId, report } of entries) {
    for (const delta of report.sessions) {
      const key = `${nodeId} ${delta.key}`
      const known = changes.get(key)
      changes.set(key, known === undefined ? { ...delta, relayId: nodeId, seenAt: report.to } : {
        ...known,
        seenAt: Math.max(known.seenAt, report.to),
        bytesFromA: known.bytesFromA + delta.bytesFromA,
        bytesFromB: known.bytesFromB + delta.bytesFromB,
        packetsFromA: known.packetsFromA + delta.packetsFromA,
        packetsFromB: known.packetsFromB + delta.packetsFromB,
        tooBigFromA: known.tooBigFromA + delta.tooBigFromA,
        tooBigFromB: known.tooBigFromB + delta.tooBigFromB,
      })
    }
  }
  return [...changes.values()]
}

/** The first end of each. */
function mergeEnds(ends: readonly SessionEnded[]): SessionEnded[] {
  return [...new Map(ends.toReversed().map((end) => [`${end.relayId} ${end.key}`, end])).values()]
}
