import type { ServiceContext } from '../context.ts'

/** The revision of its view that a node works by. Pages show a relay's beside the one sent. */
export async function reportApplied({ db, bus }: Pick<ServiceContext, 'db' | 'bus'>, nodeId: number, revision: number): Promise<void> {
  const { count } = await db.node.updateMany({ where: { id: nodeId, NOT: { appliedRevision: revision } }, data: { appliedRevision: revision } })
  if (count > 0 && (await db.relay.count({ where: { nodeId } })) > 0) bus.publish('relay.changed', { nodeId, cause: '' })
}
