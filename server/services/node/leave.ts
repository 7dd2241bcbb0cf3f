import { TowpathError } from '../../errors/index.ts'
import type { ServiceContext } from '../context.ts'
import { removeNode } from './remove.ts'

/** A node that says that it leaves for good: an ephemeral one is removed at once, another stays as one that is away. */
export async function leaveNetwork(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>, nodeId: number): Promise<void> {
  const known = await ctx.db.node.findUnique({ where: { id: nodeId }, select: { ephemeral: true, stableId: true, name: true } })
  if (!known?.ephemeral) return
  try {
    await removeNode(ctx, { kind: 'agent', id: known.stableId, name: known.name, ip: null }, nodeId, 'it left')
  } catch (error) {
    // Somebody else removed it first.
    if (!(error instanceof TowpathError) || error.code !== 'not-found') throw error
  }
}
