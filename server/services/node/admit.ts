import type { FromNode } from '../../../protocol/channel/index.ts'
import type { Tx } from '../../db/client.ts'
import { TowpathError } from '../../errors/index.ts'
import { withAudit } from '../audit.ts'
import { consumeAuthKey } from '../auth-key/consume.ts'
import type { ServiceContext } from '../context.ts'
import { nodeInclude, type NodeRecord } from '../network/load.ts'
import { allocateAddress } from './addresses.ts'
import { assertFreeNodeKey, assertRoom, givenBy, inTurn, machineActor, plainText } from './joining.ts'
import { keyExpiryOf } from './key-expiry.ts'
import { labelOf, newStableId, uniqueName } from './names.ts'
import { machineTarget } from './row.ts'
import { lockNodes } from './tables.ts'

/** Who says it is who, its machine key proven. Keys in canonical text. */
export interface Claim {
  readonly machineKey: string
  readonly prove: Extract<FromNode, { type: 'prove' }>
  readonly ip: string
}

/** What the hub needs of a node that may be connected. */
export interface Admission {
  readonly id: number
  readonly stableId: string
  readonly name: string
  /** IPv4 first. */
  readonly addresses: readonly string[]
  /** False: it waits for somebody's approval. */
  readonly authorized: boolean
  readonly viewRevision: number
  readonly viewDigest: string
}

type AdmitContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'random'>

/** The version of the wire that our agents and synthetic peers speak, as stock clients count it. */
const agentCapVersion = 145
const notACopy = 'Do not copy an agent’s data folder to another machine: start with an empty one'

interface Outcome {
  readonly record: NodeRecord
  /** What others should know of it. */
  readonly cause?: string
  readonly authKeyId?: string
}

/**
 * Knows a node again by its machine key, or enrols it. Throws `forbidden` with a text that says what is wrong with its
 * auth key or that its own key expired, `unavailable` when the network is full.
 */
export async function admitNode(ctx: AdmitContext, claim: Claim): Promise<Admission> {
  const { record, cause, authKeyId } = await findByMachineKey(ctx.db, claim.machineKey)
    .then((known) => (known === null ? inTurn(ctx.db, () => enrol(ctx, claim)) : reconnect(ctx, claim, known)))
  const { id, stableId, name, ipv4, ipv6, authorized, viewRevision, viewDigest } = record
  if (cause !== undefined) ctx.bus.publish('node.changed', { nodeId: id, cause })
  if (authKeyId !== undefined) ctx.bus.publish('auth-key.changed', { id: authKeyId })
  return { id, stableId, name, addresses: [ipv4, ipv6], authorized, viewRevision, viewDigest }
}

/** An agent's key is its own. A stock client's may be of several nodes, and joins another way. */
function findByMachineKey(db: Pick<Tx, 'node'>, machineKey: string): Promise<NodeRecord | null> {
  return db.node.findFirst({ where: { machineKey, kind: { not: 'client' } }, include: nodeInclude })
}

/** Its name, its hosts' words: all within what a page shows. */
function hostFields({ host }: Claim['prove']): { hostname: string; os: string; version: string } {
  return { hostname: plainText(host.hostname), os: plainText(host.os), version: plainText(host.version) }
}

async function reconnect(ctx: AdmitContext, claim: Claim, known: NodeRecord): Promise<Outcome> {
  const { prove, ip } = claim
  const now = ctx.clock.now()
  const isExpired = known.keyExpiry !== null && known.keyExpiry.getTime() <= now
  if (isExpired || (!known.authorized && prove.authKey !== undefined)) return renew(ctx, claim, known)
  const hasNewKeys = known.nodeKey !== prove.nodeKey || known.discoKey !== prove.discoKey
  if (known.nodeKey !== prove.nodeKey) await assertFreeNodeKey(ctx.db, prove.nodeKey, notACopy)
  const host = hostFields(prove)
  const hasNewHost = known.hostname !== host.hostname || known.os !== host.os || known.version !== host.version
  const data = { nodeKey: prove.nodeKey, discoKey: prove.discoKey, ...host, lastSeen: new Date(now) }
  if (known.nodeKey !== prove.nodeKey) {
    const record = await withAudit(ctx, machineActor(known.stableId, known.name, ip), async (tx, audit) => {
      audit({ action: 'machine.renew', target: machineTarget(known), before: { nodeKey: known.nodeKey }, after: { nodeKey: prove.nodeKey } })
      return tx.node.update({ where: { id: known.id }, data, include: nodeInclude })
    })
    return { record, cause: `${known.name} has new keys` }
  }
  const record = await ctx.db.node.update({ where: { id: known.id }, data, include: nodeInclude })
  return { record, ...(hasNewKeys ? { cause: `${known.name} has new keys` } : hasNewHost ? { cause: `${known.name} was updated` } : {}) }
}

/** A node whose key expired, or that waits for approval, comes back with an auth key. */
async function renew(ctx: AdmitContext, { prove, ip }: Claim, known: NodeRecord): Promise<Outcome> {
  const { authKey } = prove
  const now = ctx.clock.now()
  if (authKey === undefined) {
    throw new TowpathError({
      code: 'forbidden',
      text: `The key of ${known.name} expired on ${known.keyExpiry?.toISOString().slice(0, 10) ?? ''} by the control plane’s clock`,
      fix: 'Make an auth key in Settings and start the agent with it',
    })
  }
  if (known.nodeKey !== prove.nodeKey) await assertFreeNodeKey(ctx.db, prove.nodeKey, notACopy)
  return withAudit(ctx, machineActor(known.stableId, known.name, ip), async (tx, audit) => {
    const key = await consumeAuthKey(tx, authKey, now)
    // What an operator decided since stays. One that only asked to join until now comes in as the key says.
    const given = known.authorized ? { tags: known.tags, ownerId: known.ownerId, ephemeral: known.ephemeral } : await givenBy(tx, key)
    const { tags } = given
    const keyExpiry = known.keyExpiryDisabled ? null : keyExpiryOf(given, now)
    audit({ action: 'machine.renew', target: machineTarget(known), after: { authKey: key.prefix, tags, keyExpiry: keyExpiry?.toISOString() ?? null } })
    const record = await tx.node.update({
      where: { id: known.id }, include: nodeInclude,
      data: { nodeKey: prove.nodeKey, discoKey: prove.discoKey, ...hostFields(prove), ...given, authorized: true, keyExpiry, lastSeen: new Date(now) },
    })
    return { record, cause: `${known.name} joined again`, authKeyId: key.id }
  })
}

async function enrol(ctx: AdmitContext, { machineKey, prove, ip }: Claim): Promise<Outcome> {
  const now = ctx.clock.now()
  const stableId = newStableId(ctx.random)
  const label = labelOf(prove.name ?? prove.host.hostname)
  return withAudit(ctx, machineActor(stableId, label, ip), async (tx, audit) => {
    await lockNodes(tx)
    // Of two connections of one new machine, the second finds what the first made.
    const known = await findByMachineKey(tx, machineKey)
    if (known !== null) return { record: known }
    await assertRoom(tx, prove.authKey === undefined)
    await assertFreeNodeKey(tx, prove.nodeKey, notACopy)
    const key = prove.authKey === undefined ? undefined : await consumeAuthKey(tx, prove.authKey, now)
    const given = key === undefined ? { tags: [], ownerId: null, ephemeral: false } : await givenBy(tx, key)
    const { tags } = given
    const name = await uniqueName(tx, label)
    const record = await tx.node.create({
      data: {
        stableId, kind: prove.kind, name, machineKey, nodeKey: prove.nodeKey, discoKey: prove.discoKey, ...await allocateAddress(tx, ctx.random, now),
        capVersion: agentCapVersion, ...hostFields(prove), ...given, keyExpiry: keyExpiryOf(given, now), authorized: key !== undefined, createdAt: new Date(now), lastSeen: new Date(now),
        // Every agent can relay once somebody turns it on.
        ...(prove.kind === 'agent' ? { relay: { create: { region: plainText(prove.region ?? '').trim() } } } : {}),
      },
      include: nodeInclude,
    })
    audit({
      action: 'machine.enrol', target: machineTarget(record),
      after: { addresses: [record.ipv4, record.ipv6], tags, authorized: record.authorized, ...(key === undefined ? {} : { authKey: key.prefix }) },
    })
    return { record, cause: `${name} joined`, ...(key === undefined ? {} : { authKeyId: key.id }) }
  })
}
