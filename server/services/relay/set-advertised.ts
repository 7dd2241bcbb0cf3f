import type { z } from 'zod'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { findRelay, relayRow, type RelayContext } from './row.ts'
import { setAdvertisedSchema, type RelayRow } from './shape.ts'

/**
 * The switch: what is wanted of a relay. Turning it off lets its sessions move to another path before they end, but on a stock
 * client, which ends them at once. A stock client that went another way by itself is told again. Throws `not-found`.
 */
export async function setAdvertised(ctx: RelayContext & Pick<ServiceContext, 'bus' | 'clock'>, actor: Actor, input: z.input<typeof setAdvertisedSchema>): Promise<RelayRow> {
  authorise(actor, 'relays:write')
  const { id, advertised } = setAdvertisedSchema.parse(input)
  const isChanged = await withAudit(ctx, actor, async (tx, audit) => {
    const { name, kind, relay } = await findRelay(tx, id)
    // The condition decides, so that of two that come at once only one is written down.
    const { count } = await tx.relay.updateMany({ where: { nodeId: id, advertised: !advertised }, data: { advertised, decided: true } })
    const again = kind === 'client' && count === 0 && (relay.state === 'relaying') !== advertised
    if (kind === 'client' && (count > 0 || again)) await tx.node.update({ where: { id }, data: { viewRevision: { increment: 1 } } })
    if (again) await tx.relay.update({ where: { nodeId: id }, data: { stateText: '' } })
    if (again) audit({ action: 'relay.set-advertised', target: { kind: 'relay', id: String(id), name }, after: { advertised } })
    if (count > 0) audit({ action: 'relay.set-advertised', target: { kind: 'relay', id: String(id), name }, before: { advertised: !advertised }, after: { advertised } })
    return count > 0 || again
  })
  if (isChanged) {
    ctx.bus.publish('relay.changed', { nodeId: id, cause: `turned ${advertised ? 'on' : 'off'} by ${actor.name}` })
    await ctx.network.settled()
  }
  return relayRow(ctx, await findRelay(ctx.db, id))
}
