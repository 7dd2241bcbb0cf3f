import type { Tx } from '../../db/client.ts'

/** Holds a node's row, so that what is read of it stays true until the end of the transaction. What only refers to the node goes on. */
export async function lockNode(tx: Tx, id: number): Promise<void> {
  await tx.$executeRaw`SELECT 1 FROM "Node" WHERE id = ${id} FOR NO KEY UPDATE`
}

/** The same for what is wanted of a relay. */
export async function lockRelay(tx: Tx, nodeId: number): Promise<void> {
  await tx.$executeRaw`SELECT 1 FROM "Relay" WHERE "nodeId" = ${nodeId} FOR NO KEY UPDATE`
}

/** The same for the settings, which have no row while they are not set. */
export async function lockSettings(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(7021, 4)`
}

/** Holds what gives out names and addresses apart from each other, to the end of the transaction. */
export async function lockNodes(tx: Tx): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(7021, 2)`
}
