import type { Hostinfo } from '../../../protocol/tailcfg/index.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { nodeInclude } from '../network/load.ts'
import { lockRelay } from '../node/tables.ts'
import { consentOf } from './client.ts'

type Said = Pick<Hostinfo, 'PeerRelay' | 'RemoteConfig'>

/**
 * A stock client said whether it is set up as a relay, and whether its owner lets this network set it up; `before` is what was
 * stored. To be called once the new Hostinfo is written. The first such word makes it a relay; what is wanted of it follows the
 * machine until somebody decides here.
 */
export async function reportClientRelay(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock'>, nodeId: number, before: Partial<Said>, said: Said): Promise<void> {
  const reportedAt = new Date(ctx.clock.now())
  const state = said.PeerRelay ? 'relaying' : 'off'
  const known = await ctx.db.node.findUnique({ where: { id: nodeId }, include: nodeInclude })
  if (known === null || known.kind !== 'client') return
  const { name } = known
  if (known.relay === null) {
    if (!said.PeerRelay && !consentOf(known).remoteConfig) return
    await withAudit(ctx, { kind: 'agent', id: known.stableId, name, ip: null }, async (tx, audit) => {
      const { count } = await tx.relay.createMany({ data: [{ nodeId, advertised: said.PeerRelay, state, reportedAt }], skipDuplicates: true })
      if (count > 0 && said.PeerRelay) audit({ action: 'relay.offer', target: { kind: 'relay', id: String(nodeId), name } })
    })
  } else {
    const isNews = await ctx.db.$transaction(async (tx) => {
      // What somebody decides here at the same moment stands.
      await lockRelay(tx, nodeId)
      const { relay, viewRevision } = await tx.node.findUnique({ where: { id: nodeId }, include: nodeInclude }) ?? { relay: null, viewRevision: 0 }
      if (relay === null) return false
      const advertised = viewRevision > 0 ? relay.advertised : said.PeerRelay
      const isOther = relay.state !== state || relay.advertised !== advertised
      if (!isOther && (before.RemoteConfig ?? false) === said.RemoteConfig) return false
      // Why it could not be turned on says nothing any more.
      await tx.relay.update({ where: { nodeId }, data: { state, advertised, reportedAt, ...(said.PeerRelay ? { stateText: '' } : { boundPort: null }) } })
      return true
    })
    if (!isNews) return
  }
  ctx.bus.publish('relay.changed', { nodeId, cause: said.PeerRelay ? `${name} relays` : `${name} does not relay` })
}
