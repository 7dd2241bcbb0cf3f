import { defaultPolicy } from '../../../policy/index.ts'
import type { Db, Prisma } from '../../db/client.ts'
import type { PolicyDocument } from './shape.ts'

export function policyDocument({ id, text, author, message, createdAt }: Prisma.PolicyVersionGetPayload<Record<never, never>>): PolicyDocument {
  return { version: id, etag: `"policy-${id}"`, text, author, message, createdAt }
}

/** The policy in force. */
export function newestPolicy(db: Pick<Db, 'policyVersion'>): Promise<Prisma.PolicyVersionGetPayload<Record<never, never>>> {
  return db.policyVersion.findFirstOrThrow({ orderBy: { id: 'desc' } })
}

/** At start, before the network is loaded: a new installation gets the first policy. */
export async function ensurePolicy(db: Db): Promise<void> {
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`SELECT pg_advisory_xact_lock(7021, 3)`
    if ((await tx.policyVersion.count()) > 0) return
    await tx.policyVersion.create({ data: { text: defaultPolicy(), author: 'Towpath', message: 'The first policy' } })
  })
}
