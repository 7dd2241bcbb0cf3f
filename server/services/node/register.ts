import type { Millis } from '../../../lib/clock.ts'
import type { NodeUser } from '../../../netmap/index.ts'
import { hostinfoSchema, relayCapVersion, type RegisterRequest } from '../../../protocol/tailcfg/index.ts'
import { TowpathError } from '../../errors/index.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { createLogin } from '../login/create.ts'
import { loginState } from '../login/row.ts'
import { loginHash } from '../login/secret.ts'
import { nodeInclude, userOf, type NodeRecord } from '../network/load.ts'
import { getNetworkName } from '../setting/get.ts'
import type { ClientClaim } from './client-claim.ts'
import { machineActor, plainText } from './joining.ts'
import { logOutClient } from './log-out.ts'
import { registerByAuthKey } from './register-auth-key.ts'
import { findMachine, machineTarget } from './row.ts'
import { lockNode } from './tables.ts'

/** Who asks: its machine key is proven. */
export interface RegisterCaller {
  readonly machineKey: string
  readonly ip: string
}

/** What a client is to be told (spec/coordination.md §2.2, §2.3). */
export type RegisterOutcome =
  | { readonly type: 'admitted'; readonly nodeId: number; readonly name: string; readonly user: NodeUser; readonly authorized: boolean }
  /** The key is known and counts no more: it makes a new one. Also the answer to a logout. */
  | { readonly type: 'expired' }
  /** A person has to decide, there. */
  | { readonly type: 'login'; readonly url: string }
  /** Nobody decided yet: ask again once `login.changed` names it, or its time is over. */
  | { readonly type: 'waiting'; readonly loginId: string; readonly until: Millis }
  /** For the person at the client. */
  | { readonly type: 'refused'; readonly text: string }

export type RegisterContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random' | 'network' | 'server'>

const admitted = (record: NodeRecord): RegisterOutcome =>
  ({ type: 'admitted', nodeId: record.id, name: record.name, user: userOf(record), authorized: record.authorized })

/** A stock client's `POST /machine/register`. Throws `invalid` for what no client sends. */
export async function registerClient(ctx: RegisterContext, caller: RegisterCaller, request: RegisterRequest): Promise<RegisterOutcome> {
  const { NodeKey: nodeKey, Expiry: expiry } = request
  if (nodeKey === undefined) throw new TowpathError({ code: 'invalid', text: 'NodeKey is missing', fix: 'Send the key that is to be registered', path: 'NodeKey' })
  const now = ctx.clock.now()
  const found = await ctx.db.node.findUnique({ where: { nodeKey }, include: nodeInclude })
  const isOwn = found !== null && found.machineKey === caller.machineKey && found.kind === 'client'
  // Before anything of its auth key: that comes along with every request.
  if (expiry !== undefined && expiry <= now) {
    await logOutClient(ctx, { ...caller, nodeKey }, isOwn ? found : undefined)
    return { type: 'expired' }
  }
  const refusal = await refusalOf(ctx, request)
  if (refusal !== undefined) return { type: 'refused', text: refusal }
  if (found !== null && !isOwn) return { type: 'refused', text: 'invalid node key: it is another machine’s. Do not copy a client’s state; run: tailscale up --force-reauth' }
  const isExpired = found !== null && found.keyExpiry !== null && found.keyExpiry.getTime() <= now
  if (found !== null && !isExpired) return admitted(expiry === undefined ? found : await shortenExpiry(ctx, caller, found, expiry))

  const claim: ClientClaim = {
    ...caller, nodeKey, capVersion: request.Version, hostinfo: request.Hostinfo ?? hostinfoSchema.parse({}), ephemeral: request.Ephemeral,
    ...(request.OldNodeKey === undefined ? {} : { oldNodeKey: request.OldNodeKey }),
  }
  const authKey = request.Auth?.AuthKey.trim() ?? ''
  if (authKey !== '') {
    const joined = await registerByAuthKey(ctx, claim, authKey)
    if (typeof joined !== 'string') return admitted(joined)
    // A key of its own that expired comes first: with a new one it is told what is wrong with its auth key.
    return isExpired ? { type: 'expired' } : { type: 'refused', text: joined }
  }
  if (isExpired) return { type: 'expired' }
  return await followUp(ctx, claim, request.Followup) ?? { type: 'login', url: await createLogin(ctx, claim) }
}

/** Why nobody of this kind comes in. */
async function refusalOf({ db, network }: RegisterContext, { Version, Tailnet }: RegisterRequest): Promise<string | undefined> {
  if (Version < relayCapVersion) return `this client is too old (capability version ${Version}, ${relayCapVersion} is needed): update Tailscale to 1.86 or newer`
  const required = /^required:(.*)$/.exec(Tailnet)?.[1]?.trim().toLowerCase()
  if (required === undefined) return undefined
  const own = [network.network().names.domain, await getNetworkName(db)]
  if (own.some((name) => name.toLowerCase() === required)) return undefined
  return `this client may only join ${plainText(required).slice(0, 100) || 'another network'}, and this network is ${own[0]}`
}

const expiresBy = ({ keyExpiry }: NodeRecord, expiry: Millis): boolean => keyExpiry !== null && keyExpiry.getTime() <= expiry

/** An earlier expiry than it has; a later one is for people to give. */
async function shortenExpiry(ctx: RegisterContext, { ip }: RegisterCaller, known: NodeRecord, expiry: Millis): Promise<NodeRecord> {
  if (expiresBy(known, expiry)) return known
  const record = await withAudit(ctx, machineActor(known.stableId, known.name, ip), async (tx, audit) => {
    await lockNode(tx, known.id)
    const node = await findMachine(tx, known.id)
    // Somebody ended it meanwhile.
    if (expiresBy(node, expiry)) return node
    const [before, after] = [node.keyExpiry?.toISOString() ?? null, new Date(expiry).toISOString()]
    audit({ action: 'machine.shorten-expiry', target: machineTarget(node), before: { keyExpiry: before }, after: { keyExpiry: after } })
    return tx.node.update({ where: { id: node.id }, data: { keyExpiry: new Date(expiry) }, include: nodeInclude })
  })
  ctx.bus.publish('node.changed', { nodeId: known.id, cause: `the key of ${known.name} expires earlier` })
  await ctx.network.settled()
  return record
}

/** What came of a login that was begun before; undefined: it is no more, or was another's. */
async function followUp({ db, clock }: RegisterContext, { machineKey, nodeKey }: ClientClaim, url: string): Promise<RegisterOutcome | undefined> {
  const id = url === '' ? undefined : loginHash(url)
  const row = id === undefined ? null : await db.pendingLogin.findUnique({ where: { id } })
  if (id === undefined || row === null || row.machineKey !== machineKey || row.nodeKey !== nodeKey) return undefined
  switch (loginState(row, clock.now())) {
    case 'waiting': return { type: 'waiting', loginId: id, until: row.expiresAt.getTime() }
    case 'refused': return { type: 'refused', text: 'this machine was refused: ask whoever refused it, or run tailscale up again for a new address' }
    case 'approved': {
      // It may have been between the two looks. What was approved and is no more was removed, or came in with another key since.
      const record = await db.node.findUnique({ where: { nodeKey }, include: nodeInclude })
      return record?.machineKey === machineKey ? admitted(record) : undefined
    }
    case 'lapsed': case 'unknown': return undefined
  }
}
