import type { z } from 'zod'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { recordChange } from './record.ts'
import { findPerson, keepAnOwner, lockPeople, personInclude, personRow, storedRole } from './row.ts'
import { roleSchema, setRoleSchema, type PersonRow } from './shape.ts'

/**
 * Gives a person another role. One that may less ends their sessions, so that nothing that is open goes on with what
 * they might before. Throws `conflict` for the only owner.
 */
export async function setRole(
  { db, bus, clock }: Pick<ServiceContext, 'db' | 'bus' | 'clock'>, actor: Actor, input: z.input<typeof setRoleSchema>,
): Promise<PersonRow> {
  authorise(actor, 'people:write')
  const { id, role } = setRoleSchema.parse(input)
  const { row, auditId } = await db.$transaction(async (tx) => {
    await lockPeople(tx)
    const person = await findPerson(tx, id)
    const before = storedRole(person.role)
    if (before === role) return { row: personRow(person), auditId: undefined }
    if (role !== 'owner') await keepAnOwner(tx, person)
    // From most to least, as the schema lists them.
    if (roleSchema.options.indexOf(role) > roleSchema.options.indexOf(before)) await tx.session.deleteMany({ where: { userId: id } })
    const changed = await tx.user.update({ where: { id }, data: { role }, include: personInclude })
    const audit = await recordChange(tx, actor, { kind: 'person', at: clock.now(), action: 'person.set-role', id, name: person.name, before: { role: before }, after: { role } })
    return { row: personRow(changed), auditId: audit }
  })
  if (auditId !== undefined) {
    bus.publish('person.changed', { id })
    bus.publish('audit.added', { id: auditId })
  }
  return row
}
