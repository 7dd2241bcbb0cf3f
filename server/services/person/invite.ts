import type { z } from 'zod'
import { hashSecret, linkLifetime, linkPath, newSecret } from '../../db/secrets.ts'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { invitePersonSchema, type inviteSchema } from './shape.ts'

/** Makes a one-time link by which whoever has it makes an account of the role. The link is shown once: only its hash is kept. */
export async function invitePerson(
  { db, bus, clock, random, server }: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random' | 'server'>,
  actor: Actor,
  input: z.input<typeof invitePersonSchema>,
): Promise<z.infer<typeof inviteSchema>> {
  authorise(actor, 'people:write')
  const { role } = invitePersonSchema.parse(input)
  const token = newSecret(random)
  const now = clock.now()
  const expiresAt = new Date(now + linkLifetime)
  await withAudit({ db, bus, clock }, actor, async (tx, audit) => {
    // Links of long ago say nothing to anybody any more: this bounds the table.
    await tx.oneTimeLink.deleteMany({ where: { expiresAt: { lt: new Date(now - linkLifetime) } } })
    await tx.oneTimeLink.create({ data: { hash: hashSecret(token), purpose: 'invite', role, createdAt: new Date(now), expiresAt } })
    audit({ action: 'person.invite', target: { kind: 'person', id: 'invitation', name: role }, after: { role, expiresAt: expiresAt.toISOString() } })
  })
  return { link: `${server.publicUrl}${linkPath(token)}`, expiresAt }
}
