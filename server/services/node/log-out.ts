import { TowpathError } from '../../errors/index.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import type { NodeRecord } from '../network/load.ts'
import { machineActor } from './joining.ts'
import { removeNode } from './remove.ts'
import { machineTarget } from './row.ts'

type LogOutContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>

/** A client that logs out: its key expires now, an ephemeral machine goes at once, and what it asked a person is asked no more. `known`: the machine with that key, if it is its own. */
export async function logOutClient(ctx: LogOutContext, caller: { readonly machineKey: string; readonly nodeKey: string; readonly ip: string }, known: NodeRecord | undefined): Promise<void> {
  await forgetLogins(ctx, caller)
  if (known === undefined) return
  const actor = machineActor(known.stableId, known.name, caller.ip)
  if (known.ephemeral) {
    await removeNode(ctx, actor, known.id, 'it logged out').catch((error: unknown) => {
      // Somebody else removed it first.
      if (!(error instanceof TowpathError) || error.code !== 'not-found') throw error
    })
    return
  }
  const now = ctx.clock.now()
  if (known.keyExpiry !== null && known.keyExpiry.getTime() <= now) return
  const isChanged = await withAudit(ctx, actor, async (tx, audit) => {
    // A key that was changed meanwhile is another login's.
    const { count } = await tx.node.updateMany({ where: { id: known.id, nodeKey: caller.nodeKey }, data: { keyExpiry: new Date(now) } })
    if (count > 0) audit({ action: 'machine.log-out', target: machineTarget(known), before: { keyExpiry: known.keyExpiry?.toISOString() ?? null }, after: { keyExpiry: new Date(now).toISOString() } })
    return count > 0
  })
  if (!isChanged) return
  ctx.bus.publish('node.changed', { nodeId: known.id, cause: `${known.name} logged out` })
  await ctx.network.settled()
}

async function forgetLogins({ db, bus }: LogOutContext, { machineKey, nodeKey }: { readonly machineKey: string; readonly nodeKey: string }): Promise<void> {
  const where = { machineKey, nodeKey, decidedAt: null }
  const asked = await db.pendingLogin.findMany({ where, select: { id: true } })
  if (asked.length === 0) return
  await db.pendingLogin.deleteMany({ where })
  for (const { id } of asked) bus.publish('login.changed', { id })
}
