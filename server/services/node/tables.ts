import type { Tx } from '../../db/client.ts'

/** Holds what gives out names and addresses apart from each other, to the end of the transaction. */
export async function lockNodes(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(7021, 2)`
}
