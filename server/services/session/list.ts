import { z } from 'zod'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { listSessionsSchema, type SessionRow, type sessionPageSchema } from './shape.ts'

const cursorSchema = z.string().regex(/^\d{1,15}_[0-9a-f-]{36}$/).transform((text) => {
  const [ms = '', id = ''] = text.split('_')
  return { at: new Date(Number(ms)), id }
})

/** Newest first: those that run by when they began, ended ones by when they ended. `total` counts all that match. */
export async function listSessions(
  { db, live, network }: Pick<ServiceContext, 'db' | 'live' | 'network'>, actor: Actor, input: z.input<typeof listSessionsSchema>,
): Promise<z.infer<typeof sessionPageSchema>> {
  authorise(actor, 'sessions:read')
  const { state, relayId, text, cursor, limit } = listSessionsSchema.parse(input)
  const from = cursor ? cursorSchema.safeParse(cursor) : undefined
  if (from?.success === false) throw new TowpathError({ code: 'invalid', text: 'That is no cursor of this list', fix: 'Start without one', path: 'cursor' })
  const order = state === 'live' ? 'openedAt' : 'endedAt'
  const contains = { contains: text ?? '', mode: 'insensitive' } as const
  const matching = {
    endedAt: state === 'live' ? null : { not: null },
    ...(relayId === undefined ? {} : { relayId }),
    ...(text === undefined || text === '' ? {} : { OR: [{ aName: contains }, { bName: contains }, { relayName: contains }] }),
  }
  const [total, rows] = await Promise.all([
    db.relaySession.count({ where: matching }),
    db.relaySession.findMany({
      where: from === undefined ? matching : { AND: [matching, { OR: [{ [order]: { lt: from.data.at } }, { [order]: from.data.at, id: { lt: from.data.id } }] }] },
      orderBy: [{ [order]: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    }),
  ])
  const figures = live.sessions()
  const name = (id: number, then: string): string => network.node(id)?.name ?? then
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return {
    rows: shown.map((row): SessionRow => {
      const now = row.endedAt === null ? figures.get(row.id) : undefined
      return {
        id: row.id, relayId: row.relayId, relayName: name(row.relayId, row.relayName), vni: row.vni,
        a: { id: row.aId, name: name(row.aId, row.aName) }, b: { id: row.bId, name: name(row.bId, row.bName) },
        openedAt: row.openedAt, lastSeen: row.lastSeen, endedAt: row.endedAt, reason: row.reason,
        bytesFromA: now?.bytesFromA ?? Number(row.bytesA), bytesFromB: now?.bytesFromB ?? Number(row.bytesB),
        tooBigFromA: Number(row.tooBigA), tooBigFromB: Number(row.tooBigB),
        rateFromA: now?.bitsFromA ?? null, rateFromB: now?.bitsFromB ?? null,
      }
    }),
    next: rows.length > limit && last ? `${(last[order] ?? last.openedAt).getTime()}_${last.id}` : null,
    total,
  }
}
