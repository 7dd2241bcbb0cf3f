import type { Tx } from '../../db/client.ts'
import { TowpathError } from '../../errors/index.ts'
import type { Actor } from '../actor.ts'
import type { StoredAuthKey } from '../auth-key/row.ts'
import type { ServiceContext } from '../context.ts'

/** What agents and stock clients have in common when they join. */

/** Beyond it nobody further joins. */
const maxNodes = 20_000
/** Agents that wait for approval, in all: anybody may ask. */
const maxPending = 50

/** A machine that acts for itself, in the audit trail. */
export function machineActor(id: string, name: string, ip: string): Actor {
  return { kind: 'agent', id, name, ip }
}

/** Without what a database's text or JSON cannot hold, and a page should not show: control characters and halves of surrogate pairs. */
export function plainText(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cs}]/gu, '')
}

/** What a machine is made to be: its tags, or else its person's, whether it stays, and whether it is in at once. */
export interface Given {
  readonly tags: string[]
  readonly ownerId: string | null
  readonly ephemeral: boolean
}

/** What a key makes of a machine: its tags, or else its maker's. */
export async function givenBy(tx: Tx, { tags, ephemeral, createdBy }: StoredAuthKey): Promise<Given> {
  const owner = tags.length > 0 ? null : await tx.user.findUnique({ where: { email: createdBy }, select: { id: true } })
  return { tags, ownerId: owner?.id ?? null, ephemeral }
}

/** The newest enrolment under way on a database. Bounded: one entry per database. */
const enrolling = new WeakMap<ServiceContext['db'], Promise<unknown>>()

/** One enrolment after the other: they would wait for each other anyway, and each hold a connection that others need. */
export function inTurn<T>(db: ServiceContext['db'], enrol: () => Promise<T>): Promise<T> {
  const before = enrolling.get(db) ?? Promise.resolve()
  const mine = before.then(enrol)
  enrolling.set(db, mine.catch(() => {}))
  return mine
}

/** `isAsking`: nothing vouches for it. Within `lockNodes`. Throws `unavailable`. */
export async function assertRoom(tx: Tx, isAsking: boolean): Promise<void> {
  if (isAsking && (await tx.node.count({ where: { authorized: false, kind: { not: 'client' } } })) >= maxPending) {
    throw new TowpathError({
      code: 'unavailable', text: `${maxPending} machines wait for approval already, the most there may be`, fix: 'Join with an auth key, or have those approved or removed',
    })
  }
  if ((await tx.node.count()) < maxNodes) return
  throw new TowpathError({ code: 'unavailable', text: `The network has ${maxNodes} machines, the most there may be`, fix: 'Remove machines that are gone' })
}

/** A node key is one machine's: whoever comes with another's has copied its files. */
export async function assertFreeNodeKey(db: Pick<Tx, 'node'>, nodeKey: string, fix: string): Promise<void> {
  const holder = await db.node.findUnique({ where: { nodeKey }, select: { name: true } })
  if (holder !== null) throw new TowpathError({ code: 'forbidden', text: `${holder.name} has this node key already`, fix })
}
