import type { z } from 'zod'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { keyExpiryOf } from './key-expiry.ts'
import { findMachine, machineRow, machineTarget, type MachineContext } from './row.ts'
import { setTagsSchema, type MachineRow } from './shape.ts'
import { lockNode } from './tables.ts'
import { assertTags } from './tags.ts'

/** Replaces a machine's tags. Throws `not-found`, or `invalid` for a tag that the policy does not know and it does not carry yet. */
export async function setMachineTags(ctx: MachineContext & Pick<ServiceContext, 'bus'>, actor: Actor, input: z.input<typeof setTagsSchema>): Promise<MachineRow> {
  authorise(actor, 'machines:write')
  const { id, tags: wanted } = setTagsSchema.parse(input)
  const changed = await withAudit(ctx, actor, async (tx, audit) => {
    await lockNode(tx, id)
    const known = await findMachine(tx, id)
    // One that it carries although the policy knows it no more may stay.
    assertTags(ctx.network, wanted.filter((tag) => !known.tags.includes(tag)))
    const tags = [...new Set(wanted)].sort()
    if (tags.join() === known.tags.toSorted().join()) return undefined
    const isOwned = tags.length === 0
    const keyExpiry = isOwned === (known.tags.length === 0) ? known.keyExpiry : known.keyExpiryDisabled ? null : keyExpiryOf({ tags, ownerId: known.ownerId }, ctx.clock.now())
    await tx.node.update({ where: { id }, data: { tags, keyExpiry } })
    audit({ action: 'machine.set-tags', target: machineTarget(known), before: { tags: known.tags }, after: { tags } })
    return known.name
  })
  if (changed !== undefined) {
    ctx.bus.publish('node.changed', { nodeId: id, cause: `tag changed on ${changed}` })
    await ctx.network.settled()
  }
  return machineRow(ctx, await findMachine(ctx.db, id))
}
