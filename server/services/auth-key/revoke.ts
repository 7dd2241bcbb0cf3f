import type { z } from 'zod'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { authKeyRow } from './row.ts'
import { authKeyIdSchema, type AuthKeyRow } from './shape.ts'

/** From now on nobody joins with it; machines that did stay. Throws `not-found`. */
export async function revokeAuthKey(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock'>, actor: Actor, input: z.input<typeof authKeyIdSchema>): Promise<AuthKeyRow> {
  authorise(actor, 'auth-keys:write')
  const { id } = authKeyIdSchema.parse(input)
  const now = new Date(ctx.clock.now())
  const { key, isChanged } = await withAudit(ctx, actor, async (tx, audit) => {
    const { count } = await tx.authKey.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: now } })
    const row = await tx.authKey.findUnique({ where: { id } })
    if (row === null) throw new TowpathError({ code: 'not-found', text: 'There is no such auth key', fix: 'Reload: the list shows those that there are', path: 'id' })
    if (count > 0) audit({ action: 'auth-key.revoke', target: { kind: 'auth-key', id, name: row.prefix }, after: { revokedAt: now.toISOString() } })
    return { key: row, isChanged: count > 0 }
  })
  if (isChanged) ctx.bus.publish('auth-key.changed', { id })
  return authKeyRow(key, now.getTime())
}
