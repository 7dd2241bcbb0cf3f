import { authorise, type Actor } from '../actor.ts'
import { nodeInclude } from '../network/load.ts'
import { machineRow, type MachineContext } from './row.ts'
import type { MachineRow } from './shape.ts'

/** All machines, by name. */
export async function listMachines(ctx: MachineContext, actor: Actor): Promise<MachineRow[]> {
  authorise(actor, 'machines:read')
  const records = await ctx.db.node.findMany({ include: nodeInclude, orderBy: { name: 'asc' } })
  return records.map((record) => machineRow(ctx, record))
}
