import type { z } from 'zod'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { recordChange } from './record.ts'
import { findPerson, keepAnOwner, lockPeople, storedRole } from './row.ts'
import { personIdSchema } from './shape.ts'

/**
 * Removes a person with their sessions and API tokens. Their machines stay, without an owner: grants that name the
 * person no longer reach them. Throws `conflict` for the only owner.
 */
export async function removePerson(
  { db, bus, clock }: Pick<ServiceContext, 'db' | 'bus' | 'clock'>, actor: Actor, input: z.input<typeof personIdSchema>,
): Promise<{ removed: true }> {
  authorise(actor, 'people:write')
  const { id } = personIdSchema.parse(input)
  const { name, nodes, auditId } = await db.$transaction(async (tx) => {
    await lockPeople(tx)
    const person = await findPerson(tx, id)
    await keepAnOwner(tx, person)
    const owned = await tx.node.findMany({ where: { ownerId: id }, select: { id: true } })
    await tx.user.delete({ where: { id } })
    const before = { email: person.email, role: storedRole(person.role) }
    const audit = await recordChange(tx, actor, { kind: 'person', at: clock.now(), action: 'person.remove', id, name: person.name, before })
    return { name: person.name, nodes: owned, auditId: audit }
  })
  for (const node of nodes) bus.publish('node.changed', { nodeId: node.id, cause: `${name} was removed` })
  bus.publish('person.changed', { id })
  bus.publish('audit.added', { id: auditId })
  return { removed: true }
}
