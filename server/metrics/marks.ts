import { z } from 'zod'
import type { Millis } from '../../lib/clock.ts'
import type { Db } from '../db/client.ts'
import type { markSchema } from './shape.ts'

type Mark = z.infer<typeof markSchema>

/** A graph with more marks than this shows the newest. */
const maxMarks = 200
/** What turns a relay on and off in the audit trail (server/services/relay). */
const switched = 'relay.set-advertised'
const afterSchema = z.object({ advertised: z.boolean() })

interface Found extends Mark {
  readonly relayId: number
}

async function found(db: Db, from: Millis, relayId?: number): Promise<Found[]> {
  const [events, presence] = await Promise.all([
    db.auditEvent.findMany({
      where: { action: switched, at: { gte: new Date(from) }, ...(relayId === undefined ? {} : { targetId: String(relayId) }) },
      orderBy: { id: 'desc' }, take: maxMarks, select: { at: true, actorName: true, targetId: true, after: true },
    }),
    db.$queryRaw<{ relayId: number; at: Date; online: boolean }[]>`
      SELECT relay_id AS "relayId", at, online FROM relay_presence
      WHERE at >= to_timestamp(${from}::float8 / 1000) AND (${relayId ?? null}::int IS NULL OR relay_id = ${relayId ?? null}::int)
      ORDER BY at DESC LIMIT ${maxMarks}::int`,
  ])
  return [
    ...events.flatMap(({ at, actorName, targetId, after }): Found[] => {
      const parsed = afterSchema.safeParse(after)
      if (!parsed.success) return []
      const on = parsed.data.advertised
      return [{ relayId: Number(targetId), at: at.getTime(), on, text: `turned ${on ? 'on' : 'off'} by ${actorName}` }]
    }),
    ...presence.map(({ relayId: id, at, online }): Found => ({ relayId: id, at: at.getTime(), on: online, text: online ? 'agent back' : 'agent away' })),
  ].sort((a, b) => a.at - b.at).slice(-maxMarks)
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** Ascending in time. */
export async function relayMarks(db: Db, relayId: number, from: Millis): Promise<Mark[]> {
  return (await found(db, from, relayId)).map(({ at, on, text }) => ({ at, on, text: capitalised(text) }))
}

export async function networkMarks(db: Db, from: Millis, name: (nodeId: number) => string): Promise<Mark[]> {
  return (await found(db, from)).map(({ relayId, at, on, text }) => ({ at, on, text: `${name(relayId)}: ${text}` }))
}
