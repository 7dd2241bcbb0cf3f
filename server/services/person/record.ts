import type { Tx } from '../../db/client.ts'
import type { Actor } from '../actor.ts'

export interface Change {
  readonly kind: 'person' | 'api-token'
  readonly at: number
  readonly action: string
  readonly id: string
  readonly name: string
  readonly before?: Readonly<Record<string, string | readonly string[]>>
  readonly after?: Readonly<Record<string, string | readonly string[]>>
}

/** Writes the audit event of a change, in the change's transaction. Returns its id. */
export async function recordChange(tx: Tx, actor: Actor, { kind, at, action, id, name, before, after }: Change): Promise<string> {
  const event = await tx.auditEvent.create({
    data: {
      at: new Date(at), actorKind: actor.kind, actorId: actor.id, actorName: actor.name, action, targetKind: kind, targetId: id, targetName: name,
      ip: actor.ip, ...(before ? { before: plain(before) } : {}), ...(after ? { after: plain(after) } : {}),
    },
    select: { id: true },
  })
  return String(event.id)
}

function plain(fields: Readonly<Record<string, string | readonly string[]>>): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]))
}
