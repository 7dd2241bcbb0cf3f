import type { NodeFacts, NodeUser } from '../../../netmap/index.ts'
import { peerApiServices, storedHostinfoSchema } from '../../../protocol/tailcfg/index.ts'
import { canonicalRoute } from '../../../policy/index.ts'
import type { Db, Prisma } from '../../db/client.ts'
import { readNames } from '../dns/stored.ts'
import { storedRole } from '../person/row.ts'
import { readQuotaUse } from '../quota/ledger.ts'
import { relayStateSchema } from './stored.ts'
import type { NetworkLoader, StoredNode } from './types.ts'

/** What a machine's row is read with. */
export const nodeInclude = { relay: true, owner: { select: { email: true, role: true, number: true, name: true } } } as const
export type NodeRecord = Prisma.NodeGetPayload<{ include: typeof nodeInclude }>

/** Whose tagged machines are, and those of nobody: no person has this number. */
export const taggedDevices: NodeUser = { id: 2_147_483_647, loginName: 'tagged-devices', displayName: 'Tagged Devices' }

/** Whose machine it is, as stock clients are told. Once it has a tag its person does not count. */
export function userOf({ tags, owner }: Pick<NodeRecord, 'tags' | 'owner'>): NodeUser {
  return tags.length > 0 || owner === null ? taggedDevices : { id: owner.number, loginName: owner.email, displayName: owner.name }
}

function factsOf(record: NodeRecord): NodeFacts {
  const { kind, machineKey, hostname, createdAt, hostinfo } = record
  const { Services = [], PeerRelay = false } = storedHostinfoSchema.parse(hostinfo)
  return {
    machineKey, hostname, createdAt: createdAt.getTime(),
    // What an agent says is its system's name for people; clients sort and draw by the word that they use themselves.
    os: kind === 'client' ? record.os : 'linux',
    services: Services.filter(({ Proto }) => peerApiServices.has(Proto)),
    ...(PeerRelay && { peerRelay: true }),
    user: userOf(record),
  }
}

/** What it offers to route, canonical; what is no prefix is left out, as a claim of its own. */
export function offeredRoutes({ hostinfo }: Pick<NodeRecord, 'hostinfo'>): string[] {
  const { RoutableIPs = [] } = storedHostinfoSchema.parse(hostinfo)
  return [...new Set(RoutableIPs.flatMap((text) => canonicalRoute(text) ?? []))].toSorted()
}

/** Routes in force: what it offers of what was approved. */
function routesOf(record: NodeRecord): string[] {
  return offeredRoutes(record).filter((route) => record.approvedRoutes.includes(route))
}

export function storedNode(row: NodeRecord): StoredNode {
  const { relay, owner } = row
  return {
    id: row.id, stableId: row.stableId, kind: row.kind, name: row.name, nodeKey: row.nodeKey, discoKey: row.discoKey,
    addresses: [row.ipv4, row.ipv6], endpoints: row.endpoints, homeDerp: row.homeDerp, capVersion: row.capVersion, tags: row.tags,
    authorized: row.authorized, routes: routesOf(row), facts: factsOf(row),
    ...(row.lastSeen === null ? {} : { lastSeen: row.lastSeen.getTime() }),
    ...(row.keyExpiry === null ? {} : { keyExpiry: row.keyExpiry.getTime() }),
    ...(owner === null ? {} : { owner: owner.email, ownerRole: storedRole(owner.role) }),
    relay: relay === null ? undefined : {
      advertised: relay.advertised, port: relay.port, staticEndpoints: relay.staticEndpoints, region: relay.region,
      maxEndpoints: relay.maxEndpoints, handshakesPerSecond: relay.handshakesPerSecond, state: relayStateSchema.parse(relay.state),
    },
  }
}

export function networkLoader(db: Db): NetworkLoader {
  return {
    nodes: async () => (await db.node.findMany({ include: nodeInclude, orderBy: { id: 'asc' } })).map(storedNode),
    nodesById: async (ids) => (await db.node.findMany({ include: nodeInclude, where: { id: { in: [...ids] } } })).map(storedNode),
    names: () => readNames(db),
    quotaUse: (month) => readQuotaUse(db, month),
    async policy() {
      const { id, text } = await db.policyVersion.findFirstOrThrow({ orderBy: { id: 'desc' }, select: { id: true, text: true } })
      return { version: id, text }
    },
  }
}
