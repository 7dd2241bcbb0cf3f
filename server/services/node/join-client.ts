import { zeroKey } from '../../../protocol/tailcfg/index.ts'
import type { Tx } from '../../db/client.ts'
import type { Audit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { nodeInclude, type NodeRecord } from '../network/load.ts'
import { allocateAddress } from './addresses.ts'
import { clientFields, type ClientClaim } from './client-claim.ts'
import { assertFreeNodeKey, assertRoom, type Given } from './joining.ts'
import { keyExpiryOf } from './key-expiry.ts'
import { labelOf, newStableId, uniqueName } from './names.ts'
import { machineTarget } from './row.ts'

/** On what terms a client comes in. */
export interface Terms extends Given {
  /** Who vouches for it: the person who let it in, or made its key; null: nobody, or a tool. */
  readonly personId: string | null
  /** It need not wait for approval. */
  readonly authorized: boolean
  /** Of a new machine, where it is chosen already. */
  readonly stableId?: string
  /** For the audit trail. */
  readonly authKey?: string
}

export interface Joined {
  readonly record: NodeRecord
  /** What others should know of it. */
  readonly cause: string
}

const forceReauth = 'Run: tailscale up --force-reauth'

type Returning = Pick<NodeRecord, 'id' | 'nodeKey' | 'tags' | 'ownerId' | 'name' | 'authorized'>

/** Whether a node stays the same with who vouches for it now: one and the same person, or tagged before and after. */
function isSameOwner({ tags, ownerId }: Pick<Returning, 'tags' | 'ownerId'>, terms: Pick<Terms, 'tags' | 'personId'>): boolean {
  if (tags.length > 0 && terms.tags.length > 0) return true
  return ownerId === terms.personId && (ownerId !== null || (tags.length === 0) === (terms.tags.length === 0))
}

/** The node that a client was before it got its new key, when it comes back on such terms: by its old key, else by its machine key. */
export async function findReturning(
  tx: Pick<Tx, 'node'>, { machineKey, oldNodeKey }: Pick<ClientClaim, 'machineKey' | 'oldNodeKey'>, terms: Pick<Terms, 'tags' | 'personId'>,
): Promise<Returning | undefined> {
  // Few: one per person who uses this machine.
  const known = await tx.node.findMany({
    where: { machineKey, kind: 'client' }, orderBy: { id: 'desc' }, take: 100, select: { id: true, nodeKey: true, tags: true, ownerId: true, name: true, authorized: true },
  })
  const own = known.filter((node) => isSameOwner(node, terms))
  return own.find(({ nodeKey }) => nodeKey === oldNodeKey) ?? own[0]
}

/**
 * Makes the client a machine of the network, or gives the one that it was before its new key. Within a transaction that
 * holds `lockNodes`. Throws `forbidden` (the node key is another machine's), `unavailable` (no room), `invalid` (Hostinfo).
 */
export async function joinClient(ctx: Pick<ServiceContext, 'clock' | 'random'>, tx: Tx, audit: Audit, claim: ClientClaim, terms: Terms): Promise<Joined> {
  const known = await findReturning(tx, claim, terms)
  if (known?.nodeKey !== claim.nodeKey) await assertFreeNodeKey(tx, claim.nodeKey, forceReauth)
  return known === undefined ? create(ctx, tx, audit, claim, terms) : renew(ctx, tx, audit, claim, terms, known.id)
}

const keyOf = ({ authKey }: Terms) => (authKey === undefined ? {} : { authKey })

async function create(ctx: Pick<ServiceContext, 'clock' | 'random'>, tx: Tx, audit: Audit, claim: ClientClaim, terms: Terms): Promise<Joined> {
  const now = ctx.clock.now()
  const { tags, ownerId, authorized } = terms
  await assertRoom(tx, false)
  const record = await tx.node.create({
    data: {
      stableId: terms.stableId ?? newStableId(ctx.random), kind: 'client', name: await uniqueName(tx, labelOf(claim.hostinfo.Hostname)),
      // It tells its disco key with its first map request.
      machineKey: claim.machineKey, nodeKey: claim.nodeKey, discoKey: zeroKey('discokey'), ...await allocateAddress(tx, ctx.random, now),
      ...clientFields(claim.hostinfo, claim.capVersion), tags, ownerId, ephemeral: terms.ephemeral || claim.ephemeral,
      keyExpiry: keyExpiryOf({ tags, ownerId }, now), authorized, createdAt: new Date(now), lastSeen: new Date(now),
    },
    include: nodeInclude,
  })
  audit({ action: 'machine.enrol', target: machineTarget(record), after: { addresses: [record.ipv4, record.ipv6], tags, authorized, ...keyOf(terms) } })
  return { record, cause: `${record.name} joined` }
}

async function renew(ctx: Pick<ServiceContext, 'clock'>, tx: Tx, audit: Audit, claim: ClientClaim, terms: Terms, id: number): Promise<Joined> {
  const now = ctx.clock.now()
  const known = await tx.node.findUniqueOrThrow({ where: { id } })
  // Without tags of its own a key leaves those that an operator gave.
  const tags = terms.tags.length > 0 ? terms.tags : known.tags
  // The rest of what it says comes with its map request, where what changed is told.
  const { hostname, os, version, capVersion } = clientFields(claim.hostinfo, claim.capVersion)
  const keyExpiry = known.keyExpiryDisabled ? null : keyExpiryOf({ tags, ownerId: known.ownerId }, now)
  const record = await tx.node.update({
    where: { id }, include: nodeInclude,
    data: {
      nodeKey: claim.nodeKey, hostname, os, version, capVersion, tags, ephemeral: terms.ephemeral || claim.ephemeral,
      authorized: known.authorized || terms.authorized, keyExpiry, lastSeen: new Date(now),
    },
  })
  audit({ action: 'machine.renew', target: machineTarget(known), after: { tags, keyExpiry: keyExpiry?.toISOString() ?? null, ...keyOf(terms) } })
  return { record, cause: `${known.name} joined again` }
}
