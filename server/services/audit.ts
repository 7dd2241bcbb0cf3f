import { Prisma, type Tx } from '../db/client.ts'
import type { Actor } from './actor.ts'
import type { ServiceContext } from './context.ts'

type Values = Readonly<Record<string, Prisma.InputJsonValue | null>>

export interface AuditEntry {
  /** Such as `relay.set-advertised`; its words are in activity/words.ts. */
  readonly action: string
  readonly target: { readonly kind: string; readonly id: string; readonly name: string }
  /** Only what changed. */
  readonly before?: Values
  readonly after?: Values
}

export type Audit = (entry: AuditEntry) => void

/** A crowd that joins at once waits for connections and for each other; the library's own 2 s and 5 s would fail some of it. */
const patience = { maxWait: 20_000, timeout: 20_000 } as const

/** What fails for a reason that passes: two transactions that met (PostgreSQL 40001 and 40P01, Prisma P2034). */
function isCollision(error: unknown): boolean {
  return error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2034'
}

/**
 * Runs a change and writes its audit entries in one transaction: either both are there or neither. `work` gets the
 * transaction and a way to add entries; `audit.added` is published once it is committed. `work` may run again after a
 * collision, so it must change nothing but the database.
 */
export async function withAudit<T>(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock'>, actor: Actor, work: (tx: Tx, audit: Audit) => Promise<T>): Promise<T> {
  for (let left = 3; ; left--) {
    try {
      const { value, ids } = await ctx.db.$transaction(async (tx) => {
        const entries: AuditEntry[] = []
        const done = await work(tx, (entry) => entries.push(entry))
        const written: string[] = []
        for (const entry of entries) written.push(await writeAudit(tx, actor, new Date(ctx.clock.now()), entry))
        return { value: done, ids: written }
      }, patience)
      for (const id of ids) ctx.bus.publish('audit.added', { id })
      return value
    } catch (error) {
      if (left <= 1 || !isCollision(error)) throw error
    }
  }
}

/** One entry in a transaction that is under way; `audit.added` is to be published with the id once it is committed. */
export async function writeAudit(tx: Tx, actor: Actor, at: Date, { action, target, before, after }: AuditEntry): Promise<string> {
  const row = await tx.auditEvent.create({
    data: {
      at, action, actorKind: actor.kind, actorId: actor.id, actorName: actor.name, ip: actor.ip,
      targetKind: target.kind, targetId: target.id, targetName: target.name,
      ...(before === undefined ? {} : { before: { ...before } }), ...(after === undefined ? {} : { after: { ...after } }),
    },
    select: { id: true },
  })
  return String(row.id)
}

/** The members of two states that differ, for `before` and `after`. */
export function changedValues<T extends Values>(before: T, after: T): { readonly before: Values; readonly after: Values } {
  const names = Object.keys(after).filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]))
  const pick = (from: Values): Values => Object.fromEntries(names.map((name) => [name, from[name] ?? null]))
  return { before: pick(before), after: pick(after) }
}
