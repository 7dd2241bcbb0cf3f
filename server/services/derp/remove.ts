import type { z } from 'zod'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { lockSettings } from '../node/tables.ts'
import { listDerpRegions } from './list.ts'
import { facts, noRegion } from './save.ts'
import { derpRegionIdSchema, type DerpOverview } from './shape.ts'
import { readDerp, writeSaved } from './stored.ts'

/** Machines whose home it is choose another. Throws `not-found`: our own and those of the source cannot be removed one by one. */
export async function removeDerpRegion(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>, actor: Actor, input: z.input<typeof derpRegionIdSchema>): Promise<DerpOverview> {
  authorise(actor, 'settings:write')
  const { id } = derpRegionIdSchema.parse(input)
  const code = await withAudit(ctx, actor, async (tx, audit) => {
    await lockSettings(tx)
    const { saved } = await readDerp(tx)
    const region = saved.find((one) => one.id === id)
    if (region === undefined) throw noRegion(id)
    await writeSaved(tx, saved.filter((one) => one !== region))
    audit({ action: 'derp.remove', target: { kind: 'derp-region', id: String(id), name: region.code }, before: facts(region) })
    return region.code
  })
  ctx.bus.publish('derp.changed', { cause: `the DERP region ${code} was removed` })
  return listDerpRegions(ctx, actor)
}
