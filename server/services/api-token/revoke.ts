import type { z } from 'zod'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { tokenInclude, tokenOwner, tokenRow } from './row.ts'
import { apiTokenIdSchema, type ApiTokenRow } from './shape.ts'

/** Ends a token at once: the actor's own, or, by an owner, anybody's. One that is revoked already stays as it is. */
export async function revokeApiToken(
  ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock'>, actor: Actor, input: z.input<typeof apiTokenIdSchema>,
): Promise<ApiTokenRow> {
  authorise(actor, 'tokens:write')
  const { id } = apiTokenIdSchema.parse(input)
  const now = ctx.clock.now()
  const { row, changed } = await withAudit(ctx, actor, async (tx, audit) => {
    const userId = await tokenOwner(tx, actor)
    const known = await tx.apiToken.findFirst({ where: { id, ...(userId === undefined ? {} : { userId }) }, include: tokenInclude })
    if (!known) throw new TowpathError({ code: 'not-found', text: 'You have no such API token', fix: 'Reload: it may be gone', path: 'id' })
    // The condition again: of two who revoke it at once, one is recorded.
    const { count } = await tx.apiToken.updateMany({ where: { id, revokedAt: null }, data: { revokedAt: new Date(now) } })
    if (count > 0) audit({ action: 'api-token.revoke', target: { kind: 'api-token', id, name: known.name }, before: { prefix: known.prefix } })
    return { row: tokenRow({ ...known, revokedAt: known.revokedAt ?? new Date(now) }, now), changed: count > 0 }
  })
  if (changed) ctx.bus.publish('api-token.changed', { id })
  return row
}
