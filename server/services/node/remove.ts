import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { retireAddress } from './addresses.ts'
import { findMachine, machineTarget } from './row.ts'
import { machineIdSchema } from './shape.ts'

type RemoveContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>

/** For good: its keys and addresses are given up, its sessions end. Throws `not-found`. */
export async function removeMachine(ctx: RemoveContext, actor: Actor, input: { readonly id: number }): Promise<{ removed: true }> {
  authorise(actor, 'machines:write')
  const { id } = machineIdSchema.parse(input)
  await removeNode(ctx, actor, id)
  return { removed: true }
}

/** The same for those who need no leave: an ephemeral node itself, and the sweep of those that went. */
export async function removeNode(ctx: RemoveContext, actor: Actor, id: number, why = ''): Promise<void> {
  const { name, nodeKey } = await withAudit(ctx, actor, async (tx, audit) => {
    const known = await findMachine(tx, id)
    await tx.node.delete({ where: { id } })
    await retireAddress(tx, known.ipv4, ctx.clock.now())
    audit({
      action: 'machine.remove', target: machineTarget(known),
      before: { addresses: [known.ipv4, known.ipv6], tags: known.tags }, ...(why === '' ? {} : { after: { reason: why } }),
    })
    return known
  })
  ctx.bus.publish('node.removed', { nodeId: id, nodeKey, cause: `machine removed: ${name}` })
  await ctx.network.settled()
}
