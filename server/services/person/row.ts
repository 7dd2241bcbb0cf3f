import type { Tx } from '../../db/client.ts'
import { TowpathError } from '../../errors/index.ts'
import { roleSchema, type PersonRow, type Role } from './shape.ts'

/** What a row is made of. The newest session tells when somebody last signed in. */
export const personInclude = { sessions: { select: { createdAt: true }, orderBy: { createdAt: 'desc' }, take: 1 } } as const

export interface StoredPerson {
  readonly id: string
  readonly name: string
  readonly email: string
  readonly role: string
  readonly createdAt: Date
  readonly sessions: readonly { readonly createdAt: Date }[]
}

/** A role as stored; anything unknown is the least of them. */
export function storedRole(text: string): Role {
  return roleSchema.catch('viewer').parse(text)
}

export function personRow({ id, name, email, role, createdAt, sessions }: StoredPerson): PersonRow {
  return { id, name, email, role: storedRole(role), createdAt, lastSignIn: sessions[0]?.createdAt ?? null }
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The person, or `not-found`. */
export async function findPerson(tx: Tx, id: string): Promise<StoredPerson> {
  // The database would fail on text that is no UUID.
  const found = uuid.test(id) ? await tx.user.findUnique({ where: { id }, include: personInclude }) : null
  if (found) return found
  throw new TowpathError({ code: 'not-found', text: 'There is no such person', fix: 'Reload: somebody may have removed them', path: 'id' })
}

/** Holds changes of people apart from each other, so that two at once cannot leave the network without an owner. */
export async function lockPeople(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(7021, 1)`
}

/** Throws `conflict` when the person is the only owner. */
export async function keepAnOwner(tx: Tx, person: StoredPerson): Promise<void> {
  if (storedRole(person.role) !== 'owner' || (await tx.user.count({ where: { role: 'owner' } })) > 1) return
  throw new TowpathError({
    code: 'conflict', text: `${person.name} is the only owner of this network`, fix: 'Make another person an owner first', path: 'id',
  })
}
