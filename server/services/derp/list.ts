import type { DerpRegion } from '../../../netmap/index.ts'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { ownRegionId } from './own-region.ts'
import type { DerpOverview, DerpRegionRow } from './shape.ts'
import { allRegions, readDerp } from './stored.ts'

/** Our region, those added here and those of the source. */
export async function listDerpRegions({ db, network }: Pick<ServiceContext, 'db' | 'network'>, actor: Actor): Promise<DerpOverview> {
  authorise(actor, 'settings:read')
  const stored = await readDerp(db)
  const { nodes, derpRegions } = network.network()
  const { fromSource, leftOut } = allRegions(stored, undefined)
  /** Bounded: one per region that is somebody's home. */
  const homes = new Map<number, number>()
  for (const { homeDerp } of nodes) homes.set(homeDerp, (homes.get(homeDerp) ?? 0) + 1)
  const row = (region: DerpRegion): DerpRegionRow => regionRow(region, homes.get(region.id) ?? 0)
  const own = derpRegions.find(({ id }) => id === ownRegionId)
  const { url, error, fetchedAt, triedAt } = stored.source
  return {
    own: own === undefined ? { id: ownRegionId, ...stored.own, servers: [], machines: homes.get(ownRegionId) ?? 0 } : { ...row(own), ...stored.own },
    saved: stored.saved.map(row),
    source: { url, state: url === '' ? 'none' : error === '' ? 'good' : 'failing', error, fetchedAt, triedAt, regions: fromSource.map(row), leftOut: [...leftOut] },
  }
}

function regionRow({ id, code, name, nodes }: DerpRegion, machines: number): DerpRegionRow {
  return {
    id, code, name, machines,
    servers: nodes.map(({ host, ipv4 = '', ipv6 = '', derpPort, stunPort, pins }) => ({ host, ipv4, ipv6, derpPort, stunPort, pin: pins[0] ?? '' })),
  }
}
