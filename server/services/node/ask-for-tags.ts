import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { storedRole } from '../person/row.ts'
import { keyExpiryOf } from './key-expiry.ts'
import { findMachine, machineTarget } from './row.ts'
import { refusedTags, requestedTags, shownTags } from './requested-tags.ts'
import { lockNode } from './tables.ts'

/**
 * A client that is in asks for other tags than before (`tailscale set --advertise-tags`). It gets them when those that it
 * has own them, or, while it has none, its person may give them. Else its key expires: a person has to let it in with them.
 * None asked for: it keeps what it has. One whose key has expired gets nothing, least of all a new key: its next login decides.
 */
export async function askForTags(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>, nodeId: number, requested: readonly string[]): Promise<void> {
  const tags = requestedTags(requested)
  const known = await ctx.db.node.findUnique({ where: { id: nodeId } })
  if (known === null || tags.length === 0 || tags.join() === known.tags.toSorted().join()) return
  const policy = ctx.network.policy()
  const cause = await withAudit(ctx, { kind: 'agent', id: known.stableId, name: known.name, ip: null }, async (tx, audit) => {
    await lockNode(tx, nodeId)
    const now = ctx.clock.now()
    const node = await findMachine(tx, nodeId)
    if (node.keyExpiry !== null && node.keyExpiry.getTime() <= now) return undefined
    const { owner } = node
    const voucher = owner && { email: owner.email, role: storedRole(owner.role) }
    // One that it carries and that the policy knows no more is not asked for anew.
    if (tags.every((tag) => policy.tagOwners.has(tag)) && refusedTags(policy, tags, node.tags, voucher).length === 0) {
      const keyExpiry = node.keyExpiryDisabled ? null : keyExpiryOf({ tags, ownerId: node.ownerId }, now)
      await tx.node.update({ where: { id: nodeId }, data: { tags, keyExpiry } })
      audit({ action: 'machine.set-tags', target: machineTarget(node), before: { tags: node.tags }, after: { tags } })
      return `tag changed on ${node.name}`
    }
    await tx.node.update({ where: { id: nodeId }, data: { keyExpiry: new Date(now) } })
    audit({ action: 'machine.ask-tags', target: machineTarget(node), before: { tags: node.tags }, after: { askedTags: shownTags(tags), keyExpiry: new Date(now).toISOString() } })
    return `${node.name} asks for ${shownTags(tags).join(', ')}: its key expired`
  })
  if (cause === undefined) return
  ctx.bus.publish('node.changed', { nodeId, cause })
  await ctx.network.settled()
}
