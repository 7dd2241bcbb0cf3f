import type { z } from 'zod'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { findMachine, machineRow, machineTarget, type MachineContext } from './row.ts'
import { renameMachineSchema, type MachineRow } from './shape.ts'
import { lockNodes } from './tables.ts'

/** Throws `not-found`, or `conflict` for a name that another machine has. */
export async function renameMachine(ctx: MachineContext & Pick<ServiceContext, 'bus'>, actor: Actor, input: z.input<typeof renameMachineSchema>): Promise<MachineRow> {
  authorise(actor, 'machines:write')
  const { id, name } = renameMachineSchema.parse(input)
  const before = await withAudit(ctx, actor, async (tx, audit) => {
    await lockNodes(tx)
    const known = await findMachine(tx, id)
    if (known.name === name) return undefined
    const holder = await tx.node.findUnique({ where: { name }, select: { id: true } })
    if (holder !== null) throw new TowpathError({ code: 'conflict', text: `Another machine is called ${name}`, fix: 'Choose another name, or rename that machine first', path: 'name' })
    await tx.node.update({ where: { id }, data: { name } })
    audit({ action: 'machine.rename', target: machineTarget({ id, name }), before: { name: known.name }, after: { name } })
    return known.name
  })
  if (before !== undefined) {
    ctx.bus.publish('node.changed', { nodeId: id, cause: `${before} renamed to ${name}` })
    await ctx.network.settled()
  }
  return machineRow(ctx, await findMachine(ctx.db, id))
}
