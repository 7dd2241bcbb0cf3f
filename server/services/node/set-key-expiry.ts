import type { z } from 'zod'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { keyExpiryOf } from './key-expiry.ts'
import { findMachine, machineRow, machineTarget, type MachineContext } from './row.ts'
import { setKeyExpirySchema, type MachineRow } from './shape.ts'
import { lockNode } from './tables.ts'

/**
 * Whether a machine's key expires. Off: never, and the same when it signs in again. On: it counts anew from now, which also
 * extends one that expires soon or has expired; the machine goes on without a login. Throws `not-found`.
 */
export async function setKeyExpiry(ctx: MachineContext & Pick<ServiceContext, 'bus'>, actor: Actor, input: z.input<typeof setKeyExpirySchema>): Promise<MachineRow> {
  authorise(actor, 'machines:write')
  const { id, disabled } = setKeyExpirySchema.parse(input)
  const changed = await withAudit(ctx, actor, async (tx, audit) => {
    await lockNode(tx, id)
    const known = await findMachine(tx, id)
    const keyExpiry = disabled ? null : keyExpiryOf(known, ctx.clock.now())
    const [before, after] = [known, { keyExpiry, keyExpiryDisabled: disabled }].map((one) => ({ keyExpiry: one.keyExpiry?.toISOString() ?? null, keyExpiryDisabled: one.keyExpiryDisabled }))
    if (before === undefined || after === undefined || (before.keyExpiry === after.keyExpiry && before.keyExpiryDisabled === disabled)) return undefined
    await tx.node.update({ where: { id }, data: { keyExpiry, keyExpiryDisabled: disabled } })
    audit({ action: 'machine.set-key-expiry', target: machineTarget(known), before, after })
    return known.name
  })
  if (changed !== undefined) {
    ctx.bus.publish('node.changed', { nodeId: id, cause: `key expiry of ${changed} changed by ${actor.name}` })
    await ctx.network.settled()
  }
  return machineRow(ctx, await findMachine(ctx.db, id))
}
