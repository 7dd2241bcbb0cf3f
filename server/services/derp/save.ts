import type { z } from 'zod'
import type { DerpNode, DerpRegion } from '../../../netmap/index.ts'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { changedValues, withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { lockSettings } from '../node/tables.ts'
import { listDerpRegions } from './list.ts'
import { savedIds, saveDerpRegionSchema, type DerpOverview, type DerpServerInput } from './shape.ts'
import { readDerp, writeSaved, type StoredDerp } from './stored.ts'

/** Adds a region of servers elsewhere, or changes one that was added. Throws `not-found`, `conflict`, `invalid`. */
export async function saveDerpRegion(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>, actor: Actor, input: z.input<typeof saveDerpRegionSchema>): Promise<DerpOverview> {
  authorise(actor, 'settings:write')
  const wanted = saveDerpRegionSchema.parse(input)
  const isChanged = await withAudit(ctx, actor, async (tx, audit) => {
    await lockSettings(tx)
    const stored = await readDerp(tx)
    const known = wanted.id === undefined ? undefined : stored.saved.find(({ id }) => id === wanted.id)
    if (wanted.id !== undefined && known === undefined) throw noRegion(wanted.id)
    if ([stored.own, ...stored.saved.filter((one) => one !== known)].some(({ code }) => code === wanted.code)) {
      throw new TowpathError({ code: 'conflict', text: `Another region has the code ${wanted.code}`, fix: 'Choose another code', path: 'code' })
    }
    const region = regionOf(known?.id ?? freeId(stored), wanted)
    const change = changedValues(known === undefined ? {} : facts(known), facts(region))
    if (Object.keys(change.after).length === 0) return false
    await writeSaved(tx, [...stored.saved.filter((one) => one !== known), region].toSorted((a, b) => a.id - b.id))
    audit({
      action: known === undefined ? 'derp.add' : 'derp.change', target: { kind: 'derp-region', id: String(region.id), name: region.code },
      ...(known === undefined ? {} : { before: change.before }), after: change.after,
    })
    return true
  })
  if (isChanged) ctx.bus.publish('derp.changed', { cause: `the DERP region ${wanted.code} was ${wanted.id === undefined ? 'added' : 'changed'}` })
  return listDerpRegions(ctx, actor)
}

export function noRegion(id: number): TowpathError {
  return new TowpathError({ code: 'not-found', text: `There is no DERP region ${id} that was added here`, fix: 'Reload: the list shows those that there are', path: 'id' })
}

/** What the audit trail says of a region. */
export function facts({ code, name, nodes }: DerpRegion) {
  return { code, name, servers: nodes.map(({ host, derpPort }) => `${host}:${derpPort}`), details: JSON.stringify(nodes) }
}

function freeId({ saved, source }: StoredDerp): number {
  const taken = new Set([...saved, ...source.regions].map(({ id }) => id))
  for (let id = savedIds.first; id <= savedIds.last; id++) if (!taken.has(id)) return id
  throw new TowpathError({ code: 'invalid', text: 'Every number from 901 to 999 is a DERP region already', fix: 'Remove one that is not used' })
}

function regionOf(id: number, { code, name, servers }: z.output<typeof saveDerpRegionSchema>): DerpRegion {
  const [first, ...rest] = servers.map((server, at) => nodeOf(`${id}${String.fromCharCode(0x61 + at)}`, server))
  if (first === undefined) throw new Error('the schema lets no region through that has no server')
  return { id, code, name, nodes: [first, ...rest] }
}

function nodeOf(name: string, { host, ipv4, ipv6, derpPort, stunPort, pin }: DerpServerInput): DerpNode {
  return { name, host, ...(ipv4 === '' ? {} : { ipv4 }), ...(ipv6 === '' ? {} : { ipv6 }), derpPort, stunPort, pins: pin === '' ? [] : [pin] }
}
