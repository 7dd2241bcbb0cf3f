import type { z } from 'zod'
import { hashSecret } from '../../db/secrets.ts'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { assertTags } from '../node/tags.ts'
import { publicUrlWarning } from '../setting/get.ts'
import { authKeyRow } from './row.ts'
import { newAuthKey } from './secret.ts'
import { createAuthKeySchema, type createdAuthKeySchema } from './shape.ts'

/** Usable keys at one time: more are a sign of a script that makes them without end. */
const mostUsable = 1000
const day = 86_400_000

/** Who a key's machines belong to when they have no tag: its maker, by e-mail; nobody for a tool. */
export function makerOf(actor: Actor): string {
  if (actor.kind === 'user') return actor.email
  // A token's name is anybody's to choose, and one that reads as an e-mail must not make machines that person's.
  return actor.kind === 'token' ? `API token ${actor.name}` : actor.name
}

/** One line to paste on a machine that is to join. It needs Node and nothing else. */
export function joinCommand(publicUrl: string, key: string): string {
  return `curl -fsSL ${publicUrl}/agent/install.sh | sh -s -- --auth-key ${key}`
}

/** The same for a machine with a stock client. */
export function clientJoinCommand(server: string, key: string): string {
  return `tailscale up --login-server=${server} --auth-key=${key}`
}

/** Makes an auth key. It is shown once: only its prefix and hash are kept. Throws `invalid` for a tag that the policy does not know. */
export async function createAuthKey(
  ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random' | 'network' | 'server'>, actor: Actor, input: z.input<typeof createAuthKeySchema>,
): Promise<z.infer<typeof createdAuthKeySchema>> {
  authorise(actor, 'auth-keys:write')
  const { description, reusable, ephemeral, preApproved, validDays, ...wanted } = createAuthKeySchema.parse(input)
  const tags = assertTags(ctx.network, wanted.tags)
  const { key, prefix } = newAuthKey(ctx.random)
  const now = ctx.clock.now()
  const kept = await withAudit(ctx, actor, async (tx, audit) => {
    const usable = await tx.authKey.count({ where: { revokedAt: null, expiresAt: { gt: new Date(now) }, OR: [{ reusable: true }, { uses: 0 }] } })
    if (usable >= mostUsable) throw new TowpathError({ code: 'conflict', text: `There are ${usable} usable auth keys, the most there may be`, fix: 'Revoke some that are not needed' })
    const row = await tx.authKey.create({
      data: { prefix, hash: hashSecret(key), description, reusable, ephemeral, preApproved, tags, createdBy: makerOf(actor), createdAt: new Date(now), expiresAt: new Date(now + validDays * day) },
    })
    audit({
      action: 'auth-key.create', target: { kind: 'auth-key', id: row.id, name: prefix },
      after: { description, reusable, ephemeral, preApproved, tags, expiresAt: row.expiresAt.toISOString() },
    })
    return row
  })
  ctx.bus.publish('auth-key.changed', { id: kept.id })
  const warning = publicUrlWarning(ctx)
  return {
    key, row: authKeyRow(kept, now), joinCommand: joinCommand(ctx.server.publicUrl, key), warning,
    clientCommand: ctx.server.joinUrl && clientJoinCommand(ctx.server.joinUrl, key), clientWarning: ctx.server.joinWarning || warning,
  }
}
