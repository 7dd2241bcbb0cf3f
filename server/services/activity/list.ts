import type { z } from 'zod'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { auditRow } from './row.ts'
import { listActivitySchema, type auditPageSchema } from './shape.ts'

/** Newest first; `text` is looked for in actors, targets and actions. */
export async function listActivity({ db }: Pick<ServiceContext, 'db'>, actor: Actor, input: z.input<typeof listActivitySchema>): Promise<z.infer<typeof auditPageSchema>> {
  authorise(actor, 'activity:read')
  const { text, cursor, limit } = listActivitySchema.parse(input)
  if (cursor && !/^\d{1,18}$/.test(cursor)) {
    throw new TowpathError({ code: 'invalid', text: `"${cursor}" is no cursor of this list`, fix: 'Start without one', path: 'cursor' })
  }
  const contains = { contains: text ?? '', mode: 'insensitive' } as const
  const rows = await db.auditEvent.findMany({
    where: {
      ...(cursor ? { id: { lt: BigInt(cursor) } } : {}),
      ...(text === undefined || text === '' ? {} : { OR: [{ actorName: contains }, { targetName: contains }, { action: contains }] }),
    },
    orderBy: { id: 'desc' },
    take: limit + 1,
  })
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  return { rows: shown.map(auditRow), next: rows.length > limit && last ? String(last.id) : null }
}
