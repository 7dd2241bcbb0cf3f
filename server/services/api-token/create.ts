import type { z } from 'zod'
import { hashSecret, newApiToken } from '../../db/secrets.ts'
import { TowpathError } from '../../errors/index.ts'
import { authorise, may, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { tokenInclude, tokenRow } from './row.ts'
import { createApiTokenSchema, type createdApiTokenSchema } from './shape.ts'

/** Usable tokens of one person: more are a sign of a script that makes them without end. */
const mostPerPerson = 100
const day = 86_400_000

/**
 * Makes a token of the actor's own. It is shown once: only its prefix and hash are kept. Throws `forbidden` for a scope
 * that the actor does not have, and for a token, which would otherwise outlive its own expiry.
 */
export async function createApiToken(
  { db, bus, clock, random }: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random'>,
  actor: Actor,
  input: z.input<typeof createApiTokenSchema>,
): Promise<z.infer<typeof createdApiTokenSchema>> {
  authorise(actor, 'tokens:write')
  const { name, scopes, validDays } = createApiTokenSchema.parse(input)
  if (actor.kind !== 'user') {
    throw new TowpathError({ code: 'forbidden', text: 'Only a person makes API tokens', fix: 'Sign in and make it in Settings' })
  }
  for (const [index, scope] of scopes.entries()) {
    if (may(actor, scope)) continue
    throw new TowpathError({ code: 'forbidden', text: `You may not give ${scope}: your role, ${actor.role}, does not have it`, fix: 'Leave that scope out', path: `scopes.${index}` })
  }
  const { token, prefix } = newApiToken(random)
  const now = clock.now()
  const row = await withAudit({ db, bus, clock }, actor, async (tx, audit) => {
    const usable = await tx.apiToken.count({ where: { userId: actor.id, revokedAt: null, expiresAt: { gt: new Date(now) } } })
    if (usable >= mostPerPerson) {
      throw new TowpathError({ code: 'conflict', text: `You have ${usable} usable API tokens, the most there may be`, fix: 'Revoke one that is not needed' })
    }
    const kept = await tx.apiToken.create({
      data: {
        name, prefix, hash: hashSecret(token), scopes: [...new Set(scopes)], userId: actor.id,
        createdAt: new Date(now), expiresAt: new Date(now + validDays * day),
      },
      include: tokenInclude,
    })
    const after = { prefix, scopes: kept.scopes, expiresAt: kept.expiresAt.toISOString() }
    audit({ action: 'api-token.create', target: { kind: 'api-token', id: kept.id, name }, after })
    return tokenRow(kept, now)
  })
  bus.publish('api-token.changed', { id: row.id })
  return { token, row }
}
