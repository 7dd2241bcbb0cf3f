import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { tokenInclude, tokenOwner, tokenRow } from './row.ts'
import type { ApiTokenRow } from './shape.ts'

/** The actor's own tokens, an owner's view: everybody's; the newest first. */
export async function listApiTokens({ db, clock }: Pick<ServiceContext, 'db' | 'clock'>, actor: Actor): Promise<ApiTokenRow[]> {
  authorise(actor, 'settings:read')
  const userId = await tokenOwner(db, actor)
  const found = await db.apiToken.findMany({ where: userId === undefined ? {} : { userId }, include: tokenInclude, orderBy: [{ createdAt: 'desc' }, { id: 'asc' }] })
  return found.map((token) => tokenRow(token, clock.now()))
}
