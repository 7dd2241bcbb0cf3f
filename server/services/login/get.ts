import { TowpathError } from '../../errors/index.ts'
import { may, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { clientFields } from '../node/client-claim.ts'
import { findReturning } from '../node/join-client.ts'
import { refusedTags } from '../node/requested-tags.ts'
import { systemName } from '../node/system-name.ts'
import { readSettings } from '../setting/get.ts'
import { claimOfLogin, loginState } from './row.ts'
import { loginHash } from './secret.ts'
import { loginIdSchema, type Login } from './shape.ts'
import type { z } from 'zod'

type LoginContext = Pick<ServiceContext, 'db' | 'clock' | 'network'>
export type Person = Extract<Actor, { kind: 'user' }>

/** A machine is a person's: no tool lets one in. Throws `forbidden`. */
export function assertPerson(actor: Actor): asserts actor is Person {
  if (actor.kind === 'user') return
  throw new TowpathError({ code: 'forbidden', text: 'A machine that asks to join is let in by a person', fix: 'Sign in to the dashboard and open its address there, or join it with an auth key' })
}

const unknown: Login = { state: 'unknown', machine: null, joined: null }

/** What waits behind an address, for anybody who is signed in: who has it was given it by the machine. Throws `forbidden` for a tool. */
export async function getLogin(ctx: LoginContext, actor: Actor, input: z.input<typeof loginIdSchema>): Promise<Login> {
  assertPerson(actor)
  const hash = loginHash(loginIdSchema.parse(input).id)
  const row = hash === undefined ? null : await ctx.db.pendingLogin.findUnique({ where: { id: hash } })
  if (row === null) return unknown
  const claim = claimOfLogin(row)
  const tags = claim.hostinfo.RequestTags
  const { hostname, version } = clientFields(claim.hostinfo, claim.capVersion)
  const [returning, node, { machineApproval }] = await Promise.all([
    findReturning(ctx.db, claim, { personId: actor.id, tags }),
    ctx.db.node.findUnique({ where: { nodeKey: claim.nodeKey }, select: { id: true, name: true, authorized: true, tags: true, ownerId: true } }),
    readSettings(ctx.db),
  ])
  const state = loginState(row, ctx.clock.now())
  return {
    state,
    machine: {
      hostname, os: systemName(row.hostinfo), version, ip: row.ip, sameAddress: row.ip === actor.ip, askedAt: row.createdAt, expiresAt: row.expiresAt,
      ephemeral: row.ephemeral, tags, refusedTags: refusedTags(ctx.network.policy(), tags, [], actor),
      returning: returning === undefined ? null : { id: returning.id, name: returning.name },
      needsApproval: machineApproval && returning?.authorized !== true && !may(actor, 'machines:write'),
    },
    joined: state !== 'approved' || node === null ? null : { id: node.id, name: node.name, authorized: node.authorized, another: node.tags.length === 0 && node.ownerId !== actor.id },
  }
}
