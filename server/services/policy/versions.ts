import type { z } from 'zod'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import type { policyVersionRowSchema } from './shape.ts'

const most = 200

/** Saved policies without their texts, newest first, at most 200. */
export async function listPolicyVersions({ db }: Pick<ServiceContext, 'db'>, actor: Actor): Promise<z.infer<typeof policyVersionRowSchema>[]> {
  authorise(actor, 'policy:read')
  const rows = await db.policyVersion.findMany({ orderBy: { id: 'desc' }, take: most, select: { id: true, author: true, message: true, createdAt: true } })
  return rows.map(({ id, ...row }) => ({ version: id, ...row }))
}
