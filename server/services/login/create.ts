import type { Tx } from '../../db/client.ts'
import type { ServiceContext } from '../context.ts'
import { storableHostinfo, type ClientClaim } from '../node/client-claim.ts'
import { loginHash, loginUrl, newLoginId } from './secret.ts'
import { lockLogins } from './row.ts'

/** How long a person has to decide. */
export const loginLifetime = 15 * 60_000
/** Kept in all, and of one machine: the oldest goes first. Those past their time count too, so that a late page can say so. */
const most = 1000
const mostPerMachine = 10

/** Leaves room for one more; the ids of those that went while they waited. */
async function makeRoom(tx: Tx, machineKey: string): Promise<string[]> {
  const oldestBeyond = (kept: number, where: { machineKey?: string }) =>
    tx.pendingLogin.findMany({ where, orderBy: [{ createdAt: 'desc' }, { id: 'asc' }], skip: kept - 1, select: { id: true, decidedAt: true } })
  const gone = [...await oldestBeyond(mostPerMachine, { machineKey }), ...await oldestBeyond(most, {})]
  if (gone.length > 0) await tx.pendingLogin.deleteMany({ where: { id: { in: gone.map(({ id }) => id) } } })
  return gone.flatMap(({ id, decidedAt }) => (decidedAt === null ? [id] : []))
}

/** A client without an auth key asks to be let in: returns the URL for its person, which is stored nowhere. Throws `invalid` (Hostinfo). */
export async function createLogin(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random' | 'server'>, claim: ClientClaim): Promise<string> {
  const { machineKey, nodeKey, oldNodeKey, capVersion, ephemeral, ip } = claim
  const now = ctx.clock.now()
  const url = loginUrl(ctx.server.publicUrl, newLoginId(ctx.random))
  const id = loginHash(url)
  if (id === undefined) throw new Error('a login id has a form of its own')
  const hostinfo = storableHostinfo(claim.hostinfo)
  const gone = await ctx.db.$transaction(async (tx) => {
    await lockLogins(tx)
    const removed = await makeRoom(tx, machineKey)
    await tx.pendingLogin.create({
      data: {
        id, machineKey, nodeKey, oldNodeKey: oldNodeKey ?? null, hostinfo, capVersion, ephemeral, ip, createdAt: new Date(now), expiresAt: new Date(now + loginLifetime),
      },
    })
    return removed
  })
  for (const removed of gone) ctx.bus.publish('login.changed', { id: removed })
  return url
}
