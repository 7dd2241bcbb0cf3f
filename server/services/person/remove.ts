import type { z } from 'zod'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { findPerson, keepAnOwner, lockPeople, storedRole } from './row.ts'
import { personIdSchema } from './shape.ts'

/**
 * Removes a person with their sessions, API tokens and auth keys. Their machines stay, without an owner: grants that name the
 * person no longer reach them. Throws `conflict` for the only owner.
 */
export async function removePerson(
  ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock'>, actor: Actor, input: z.input<typeof personIdSchema>,
): Promise<{ removed: true }> {
  authorise(actor, 'people:write')
  const { id } = personIdSchema.parse(input)
  const { name, nodes, authKeys } = await withAudit(ctx, actor, async (tx, audit) => {
    await lockPeople(tx)
    const person = await findPerson(tx, id)
    await keepAnOwner(tx, person)
    const owned = await tx.node.findMany({ where: { ownerId: id }, select: { id: true } })
    await tx.user.delete({ where: { id } })
    // Who is gone lets nobody in any more.
    const keys = await tx.authKey.updateManyAndReturn({
      where: { createdBy: person.email, revokedAt: null }, data: { revokedAt: new Date(ctx.clock.now()) }, select: { id: true, prefix: true },
    })
    audit({
      action: 'person.remove', target: { kind: 'person', id, name: person.name }, before: { email: person.email, role: storedRole(person.role) },
      ...(keys.length === 0 ? {} : { after: { revokedAuthKeys: keys.map(({ prefix }) => prefix) } }),
    })
    return { name: person.name, nodes: owned, authKeys: keys }
  })
  for (const key of authKeys) ctx.bus.publish('auth-key.changed', { id: key.id })
  for (const node of nodes) ctx.bus.publish('node.changed', { nodeId: node.id, cause: `${name} was removed` })
  ctx.bus.publish('person.changed', { id })
  return { removed: true }
}
