import type { z } from 'zod'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { changedValues, withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { lockSettings } from '../node/tables.ts'
import { listDerpRegions } from './list.ts'
import { ownRegionId } from './own-region.ts'
import { nameOwnDerpSchema, type DerpOverview } from './shape.ts'
import { readDerp, writeOwn } from './stored.ts'

/** What our own region is called. Throws `conflict` when another has the code. */
export async function nameOwnDerp(ctx: Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>, actor: Actor, input: z.input<typeof nameOwnDerpSchema>): Promise<DerpOverview> {
  authorise(actor, 'settings:write')
  const wanted = nameOwnDerpSchema.parse(input)
  const isChanged = await withAudit(ctx, actor, async (tx, audit) => {
    await lockSettings(tx)
    const { own, saved } = await readDerp(tx)
    if (saved.some(({ code }) => code === wanted.code)) throw new TowpathError({ code: 'conflict', text: `Another region has the code ${wanted.code}`, fix: 'Choose another code', path: 'code' })
    const change = changedValues(own, wanted)
    if (Object.keys(change.after).length === 0) return false
    await writeOwn(tx, wanted)
    audit({ action: 'derp.change', target: { kind: 'derp-region', id: String(ownRegionId), name: wanted.code }, ...change })
    return true
  })
  if (isChanged) ctx.bus.publish('derp.changed', { cause: `our DERP region is called ${wanted.name} now` })
  return listDerpRegions(ctx, actor)
}
