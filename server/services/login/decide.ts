import type { z } from 'zod'
import { TowpathError } from '../../errors/index.ts'
import { may, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { joinClient, type Joined } from '../node/join-client.ts'
import { inTurn } from '../node/joining.ts'
import { assertTagsGiven, refusedTags, requestedTags } from '../node/requested-tags.ts'
import { lockNodes } from '../node/tables.ts'
import { readSettings } from '../setting/get.ts'
import { assertPerson, getLogin } from './get.ts'
import { claimOfLogin, lockLogins, loginState, type StoredLogin } from './row.ts'
import { loginHash } from './secret.ts'
import { decideLoginSchema, type Login, type LoginState } from './shape.ts'

type DecideContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random' | 'network'>

const tooLate: Readonly<Record<Exclude<LoginState, 'waiting'>, string>> = {
  approved: 'This machine was let in already', refused: 'This machine was refused already', lapsed: 'This machine asked too long ago', unknown: 'No machine asks to join here',
}

function assertWaiting(row: StoredLogin | null, now: number): asserts row is StoredLogin {
  const state = row === null ? 'unknown' : loginState(row, now)
  if (state === 'waiting') return
  throw new TowpathError({ code: 'conflict', text: tooLate[state], fix: 'Run tailscale up there again for a new address' })
}

/**
 * Lets a machine in as the person's own (with its tags, where the person may give them), or refuses it; it is told within a
 * moment. Any person may: the machine is theirs. Where machines wait for approval, one that an owner or admin lets in does
 * not. Throws `conflict` (decided before, or too late), `forbidden` (a tool; tags).
 */
export async function decideLogin(ctx: DecideContext, actor: Actor, input: z.input<typeof decideLoginSchema>): Promise<Login> {
  assertPerson(actor)
  const { id, approve } = decideLoginSchema.parse(input)
  const hash = loginHash(id) ?? ''
  const joined = await inTurn(ctx.db, () => withAudit(ctx, actor, async (tx, audit): Promise<Joined | undefined> => {
    await lockNodes(tx)
    await lockLogins(tx)
    const row = await tx.pendingLogin.findUnique({ where: { id: hash } })
    assertWaiting(row, ctx.clock.now())
    const claim = claimOfLogin(row)
    await tx.pendingLogin.update({ where: { id: hash }, data: { decidedAt: new Date(ctx.clock.now()), approved: approve, decidedBy: actor.id } })
    const target = { kind: 'login', id: 'login', name: claim.hostinfo.Hostname || 'a machine' }
    if (!approve) {
      audit({ action: 'login.refuse', target, after: { ip: row.ip } })
      return undefined
    }
    const tags = requestedTags(claim.hostinfo.RequestTags)
    assertTagsGiven(refusedTags(ctx.network.policy(), tags, [], actor))
    const authorized = may(actor, 'machines:write') || !(await readSettings(tx)).machineApproval
    audit({ action: 'login.approve', target, after: { ip: row.ip } })
    return joinClient(ctx, tx, audit, claim, { tags, ownerId: tags.length > 0 ? null : actor.id, personId: actor.id, ephemeral: false, authorized })
  }))
  if (joined !== undefined) {
    ctx.bus.publish('node.changed', { nodeId: joined.record.id, cause: joined.cause })
    await ctx.network.settled()
  }
  ctx.bus.publish('login.changed', { id: hash })
  return getLogin(ctx, actor, { id })
}
