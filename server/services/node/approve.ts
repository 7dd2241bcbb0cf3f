import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { findMachine, machineRow, machineTarget, type MachineContext } from './row.ts'
import { machineIdSchema, type MachineRow } from './shape.ts'

/** Lets a machine in that asked to join without an auth key. Throws `not-found`. */
export async function approveMachine(ctx: MachineContext & Pick<ServiceContext, 'bus'>, actor: Actor, input: { readonly id: number }): Promise<MachineRow> {
  authorise(actor, 'machines:write')
  const { id } = machineIdSchema.parse(input)
  const isChanged = await withAudit(ctx, actor, async (tx, audit) => {
    const known = await findMachine(tx, id)
    const { count } = await tx.node.updateMany({ where: { id, authorized: false }, data: { authorized: true } })
    if (count > 0) audit({ action: 'machine.approve', target: machineTarget(known), before: { authorized: false }, after: { authorized: true } })
    return count > 0
  })
  if (isChanged) {
    ctx.bus.publish('node.changed', { nodeId: id, cause: `approved by ${actor.name}` })
    await ctx.network.settled()
  }
  return machineRow(ctx, await findMachine(ctx.db, id))
}
