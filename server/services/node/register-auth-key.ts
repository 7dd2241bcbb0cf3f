import { TowpathError } from '../../errors/index.ts'
import { withAudit } from '../audit.ts'
import { consumeAuthKey } from '../auth-key/consume.ts'
import type { ServiceContext } from '../context.ts'
import { nodeInclude, type NodeRecord } from '../network/load.ts'
import { storedRole } from '../person/row.ts'
import { readSettings } from '../setting/get.ts'
import type { ClientClaim } from './client-claim.ts'
import { joinClient } from './join-client.ts'
import { inTurn, machineActor } from './joining.ts'
import { labelOf, newStableId } from './names.ts'
import { assertTagsGiven, refusedTags, requestedTags } from './requested-tags.ts'
import { lockNodes } from './tables.ts'

interface Outcome {
  readonly record: NodeRecord
  /** Absent: nothing changed. */
  readonly cause?: string
  readonly authKeyId?: string
}

type AuthKeyContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random' | 'network'>

/**
 * A client comes in by an auth key, as a new machine or as the one that it was. The key is used up with it or not at all.
 * A text says why not, as the client prints it.
 */
export async function registerByAuthKey(ctx: AuthKeyContext, claim: ClientClaim, text: string): Promise<NodeRecord | string> {
  try {
    const { record, cause, authKeyId } = await inTurn(ctx.db, () => join(ctx, claim, text))
    if (authKeyId !== undefined) ctx.bus.publish('auth-key.changed', { id: authKeyId })
    if (cause !== undefined) ctx.bus.publish('node.changed', { nodeId: record.id, cause })
    // Others that join at the same time are taken in together.
    await ctx.network.taken()
    return record
  } catch (error) {
    if (!(error instanceof TowpathError) || error.code === 'invalid') throw error
    if (error.path === 'Hostinfo.RequestTags') return error.message
    return error.path === 'Auth.AuthKey' ? `invalid key: ${error.message}. ${error.fix}` : `${error.message}. ${error.fix}`
  }
}

function join(ctx: AuthKeyContext, claim: ClientClaim, text: string): Promise<Outcome> {
  const stableId = newStableId(ctx.random)
  return withAudit<Outcome>(ctx, machineActor(stableId, labelOf(claim.hostinfo.Hostname), claim.ip), async (tx, audit) => {
    await lockNodes(tx)
    // Of two requests of one client that come at once, the second finds what the first made.
    const made = await tx.node.findFirst({ where: { nodeKey: claim.nodeKey, machineKey: claim.machineKey, kind: 'client' }, include: nodeInclude })
    if (made !== null && (made.keyExpiry === null || made.keyExpiry.getTime() > ctx.clock.now())) return { record: made }
    const key = await consumeAuthKey(tx, text, ctx.clock.now()).catch((error: unknown) => { throw keyError(error) })
    const maker = await tx.user.findUnique({ where: { email: key.createdBy }, select: { id: true, email: true, role: true } })
    const voucher = maker && { email: maker.email, role: storedRole(maker.role) }
    const requested = requestedTags(claim.hostinfo.RequestTags)
    assertTagsGiven(refusedTags(ctx.network.policy(), requested, key.tags, voucher))
    // With tags that those of the key own it gets just what it asks for.
    const tags = requested.every((tag) => key.tags.includes(tag)) ? key.tags : requested
    const authorized = key.preApproved || !(await readSettings(tx)).machineApproval
    const joined = await joinClient(ctx, tx, audit, claim, {
      stableId, tags, ownerId: tags.length > 0 ? null : maker?.id ?? null, personId: maker?.id ?? null, ephemeral: key.ephemeral, authorized, authKey: key.prefix,
    })
    return { ...joined, authKeyId: key.id }
  })
}

function keyError(error: unknown): unknown {
  if (!(error instanceof TowpathError)) return error
  const { code, message, fix } = error
  return new TowpathError({ code, text: message, fix, path: 'Auth.AuthKey' })
}
