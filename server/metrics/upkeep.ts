import type { Millis } from '../../lib/clock.ts'
import { monthOf, monthsLater } from '../../policy/index.ts'
import type { Db } from '../db/client.ts'
import type { OpenSessions } from './open-sessions.ts'
import type { Partitions } from './partitions.ts'
import { endSilent } from './sessions.ts'

const dayMs = 24 * 3_600_000
/** A relay ends an idle session after five minutes; one that nobody mentions for three times as long was lost with its relay. */
export const silentMs = 15 * 60_000
const keepSessionsMs = 90 * dayMs
/** This one and the year before it. */
const keepQuotaMonths = 13
const keepPresenceMs = 90 * dayMs
/** An agent that comes back with reports older than this is not believed. */
const keepCursorsMs = 30 * dayMs

/** Sessions that are over though nobody said so. Returns the relays concerned. */
export async function endSilentSessions(db: Db, open: OpenSessions, now: Millis): Promise<Set<number>> {
  const ended = await endSilent(db, now - silentMs)
  for (const { relayId, key } of ended) open.delete(relayId, key)
  return new Set(ended.map(({ relayId }) => relayId))
}

/** Makes partitions ahead and lets go of what is beyond its retention. */
export async function keepRetention(db: Db, partitions: Partitions, now: Millis): Promise<void> {
  await partitions.keep(now)
  const before = (keepMs: number): Date => new Date(now - keepMs)
  await db.relaySession.deleteMany({ where: { endedAt: { lt: before(keepSessionsMs) } } })
  await db.reportCursor.deleteMany({ where: { at: { lt: before(keepCursorsMs) } } })
  await db.$executeRaw`DELETE FROM "QuotaUse" WHERE month < ${monthOf(monthsLater(now, 1 - keepQuotaMonths))}`
  await db.$executeRaw`DELETE FROM relay_presence WHERE at < ${before(keepPresenceMs)}`
}
