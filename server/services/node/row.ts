import { TowpathError } from '../../errors/index.ts'
import type { ServiceContext } from '../context.ts'
import { isExitRoute } from '../../../policy/index.ts'
import { nodeInclude, offeredRoutes, type NodeRecord } from '../network/load.ts'
import { exitNodeOf, routesToApprove } from './routes.ts'
import type { MachineRow } from './shape.ts'
import { systemOf } from './system-name.ts'

export type MachineContext = Pick<ServiceContext, 'db' | 'network' | 'clock'>

/** Throws `not-found`. */
export async function findMachine(db: Pick<ServiceContext['db'], 'node'>, id: number): Promise<NodeRecord> {
  const record = await db.node.findUnique({ where: { id }, include: nodeInclude })
  if (record !== null) return record
  throw new TowpathError({ code: 'not-found', text: `There is no machine ${id}`, fix: 'Reload: it may have been removed', path: 'id' })
}

export function machineRow({ network, clock }: Pick<MachineContext, 'network' | 'clock'>, record: NodeRecord): MachineRow {
  const { id, stableId, name, kind, hostname, version, tags, lastSeen, keyExpiry, authorized, ephemeral, createdAt } = record
  const region = network.network().derpRegions.find((one) => one.id === record.homeDerp)
  return {
    id, stableId, name, kind, hostname, os: systemOf(record), version, addresses: [record.ipv4, record.ipv6], tags,
    // Once a machine has a tag its person does not count.
    owner: tags.length > 0 ? null : record.owner?.email ?? null,
    online: network.isOnline(id), lastSeen, homeDerp: region?.code ?? null,
    keyExpiry, keyExpired: keyExpiry !== null && keyExpiry.getTime() <= clock.now(), authorized, ephemeral,
    keyExpiryDisabled: record.keyExpiryDisabled, capVersion: record.capVersion,
    routes: offeredRoutes(record).filter((route) => !isExitRoute(route) && record.approvedRoutes.includes(route)).length,
    routesToApprove: routesToApprove(record).length, exitNode: exitNodeOf(record),
    isRelay: record.relay !== null, createdAt,
  }
}

export function machineTarget({ id, name }: Pick<NodeRecord, 'id' | 'name'>): { kind: string; id: string; name: string } {
  return { kind: 'machine', id: String(id), name }
}
