import type { z } from 'zod'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { findPerson, keepAnOwner, lockPeople, personInclude, personRow, storedRole } from './row.ts'
import { roleSchema, setRoleSchema, type PersonRow } from './shape.ts'

/**
 * Gives a person another role. One that may less ends their sessions, so that nothing that is open goes on with what
 * they might before. Throws `conflict` for the only owner.
 */
export async function setRole(
  ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock'>, actor: Actor, input: z.input<typeof setRoleSchema>,
): Promise<PersonRow> {
  authorise(actor, 'people:write')
  const { id, role } = setRoleSchema.parse(input)
  const { row, changed } = await withAudit(ctx, actor, async (tx, audit) => {
    await lockPeople(tx)
    const person = await findPerson(tx, id)
    const before = storedRole(person.role)
    if (before === role) return { row: personRow(person), changed: false }
    if (role !== 'owner') await keepAnOwner(tx, person)
    // From most to least, as the schema lists them.
    if (roleSchema.options.indexOf(role) > roleSchema.options.indexOf(before)) await tx.session.deleteMany({ where: { userId: id } })
    const after = await tx.user.update({ where: { id }, data: { role }, include: personInclude })
    audit({ action: 'person.set-role', target: { kind: 'person', id, name: person.name }, before: { role: before }, after: { role } })
    return { row: personRow(after), changed: true }
  })
  if (changed) ctx.bus.publish('person.changed', { id })
  return row
}
