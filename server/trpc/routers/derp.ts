import { listDerpRegions } from '../../services/derp/list.ts'
import { nameOwnDerp } from '../../services/derp/name-own.ts'
import { refreshDerpSource } from '../../services/derp/refresh-source.ts'
import { removeDerpRegion } from '../../services/derp/remove.ts'
import { saveDerpRegion } from '../../services/derp/save.ts'
import { setDerpSource } from '../../services/derp/set-source.ts'
import { derpOverviewSchema, derpRegionIdSchema, nameOwnDerpSchema, saveDerpRegionSchema, setDerpSourceSchema } from '../../services/derp/shape.ts'
import { procedure, router } from '../trpc.ts'

const tags = ['DERP']

export const derpRouter = router({
  list: procedure
    .meta({ openapi: { method: 'GET', path: '/derp', tags, summary: 'DERP regions: ours, those added here and those from a URL' } })
    .output(derpOverviewSchema).query(({ ctx }) => listDerpRegions(ctx.services, ctx.actor)),
  save: procedure
    .meta({ openapi: { method: 'POST', path: '/derp/regions', tags, summary: 'Add a region of DERP servers elsewhere, or with an id change it' } })
    .input(saveDerpRegionSchema).output(derpOverviewSchema).mutation(({ ctx, input }) => saveDerpRegion(ctx.services, ctx.actor, input)),
  remove: procedure
    .meta({ openapi: { method: 'DELETE', path: '/derp/regions/{id}', tags, summary: 'Remove a region that was added; machines whose home it is choose another' } })
    .input(derpRegionIdSchema).output(derpOverviewSchema).mutation(({ ctx, input }) => removeDerpRegion(ctx.services, ctx.actor, input)),
  nameOwn: procedure
    .meta({ openapi: { method: 'PUT', path: '/derp/own', tags, summary: 'Code and name of our own region' } })
    .input(nameOwnDerpSchema).output(derpOverviewSchema).mutation(({ ctx, input }) => nameOwnDerp(ctx.services, ctx.actor, input)),
  setSource: procedure
    .meta({ openapi: { method: 'PUT', path: '/derp/source', tags, summary: 'Take regions from a URL too; an empty one ends it' } })
    .input(setDerpSourceSchema).output(derpOverviewSchema).mutation(({ ctx, input }) => setDerpSource(ctx.services, ctx.actor, input)),
  refreshSource: procedure
    .meta({ openapi: { method: 'POST', path: '/derp/source/refresh', tags, summary: 'Ask that URL again now' } })
    .output(derpOverviewSchema).mutation(({ ctx }) => refreshDerpSource(ctx.services, ctx.actor)),
})
