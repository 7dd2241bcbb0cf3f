import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { personInclude, personRow } from './row.ts'
import type { PersonRow } from './shape.ts'

/** Everybody with an account, the first first. */
export async function listPeople({ db }: Pick<ServiceContext, 'db'>, actor: Actor): Promise<PersonRow[]> {
  authorise(actor, 'people:read')
  const people = await db.user.findMany({ include: personInclude, orderBy: [{ createdAt: 'asc' }, { id: 'asc' }] })
  return people.map(personRow)
}
