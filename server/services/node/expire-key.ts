import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { findMachine, machineRow, machineTarget, type MachineContext } from './row.ts'
import { machineIdSchema, type MachineRow } from './shape.ts'
import { lockNode } from './tables.ts'

/** Ends a machine's key now: it is out of the network until it signs in again. Throws `not-found`. */
export async function expireKey(ctx: MachineContext & Pick<ServiceContext, 'bus'>, actor: Actor, input: { readonly id: number }): Promise<MachineRow> {
  authorise(actor, 'machines:write')
  const { id } = machineIdSchema.parse(input)
  const expired = await withAudit(ctx, actor, async (tx, audit) => {
    await lockNode(tx, id)
    const known = await findMachine(tx, id)
    const now = ctx.clock.now()
    if (known.keyExpiry !== null && known.keyExpiry.getTime() <= now) return undefined
    await tx.node.update({ where: { id }, data: { keyExpiry: new Date(now) } })
    audit({
      action: 'machine.expire-key', target: machineTarget(known),
      before: { keyExpiry: known.keyExpiry?.toISOString() ?? null }, after: { keyExpiry: new Date(now).toISOString() },
    })
    return known.name
  })
  if (expired !== undefined) {
    ctx.bus.publish('node.changed', { nodeId: id, cause: `key expired: ${expired}` })
    await ctx.network.settled()
  }
  return machineRow(ctx, await findMachine(ctx.db, id))
}
