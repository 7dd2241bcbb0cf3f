import { z } from 'zod'
import { networkThroughputSchema, rangeSchema } from '../../metrics/shape.ts'
import { authorise } from '../../services/actor.ts'
import { getOverview } from '../../services/overview/get.ts'
import { overviewSchema } from '../../services/overview/shape.ts'
import { procedure, router } from '../trpc.ts'

export const overviewRouter = router({
  get: procedure.output(overviewSchema).query(({ ctx }) => getOverview(ctx.services, ctx.actor)),
  throughput: procedure
    .meta({ openapi: { method: 'GET', path: '/throughput', tags: ['Throughput'], summary: 'Traffic of all relays and of DERP over time' } })
    .input(z.object({ range: rangeSchema })).output(networkThroughputSchema)
    .query(({ ctx, input }) => {
      authorise(ctx.actor, 'relays:read')
      return ctx.metrics.queries.networkThroughput(input.range)
    }),
})
