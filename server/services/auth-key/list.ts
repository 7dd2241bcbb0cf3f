import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { authKeyRow } from './row.ts'
import type { AuthKeyRow } from './shape.ts'

const most = 500

/** Newest first, at most 500. The keys themselves are stored nowhere. */
export async function listAuthKeys({ db, clock }: Pick<ServiceContext, 'db' | 'clock'>, actor: Actor): Promise<AuthKeyRow[]> {
  authorise(actor, 'auth-keys:read')
  const keys = await db.authKey.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'asc' }], take: most })
  return keys.map((key) => authKeyRow(key, clock.now()))
}
