import { z } from 'zod'
import { rangeSchema, relayThroughputSchema } from '../../metrics/shape.ts'
import { authorise } from '../../services/actor.ts'
import { configureRelay } from '../../services/relay/configure.ts'
import { getRelay } from '../../services/relay/get.ts'
import { listRelays } from '../../services/relay/list.ts'
import { setAdvertised } from '../../services/relay/set-advertised.ts'
import { configureRelaySchema, relayDetailSchema, relayIdSchema, relayRowSchema, setAdvertisedSchema } from '../../services/relay/shape.ts'
import { procedure, router } from '../trpc.ts'

const tags = ['Relays']

export const relayRouter = router({
  list: procedure
    .meta({ openapi: { method: 'GET', path: '/relays', tags, summary: 'All relays, wanted and actual' } })
    .output(z.array(relayRowSchema)).query(({ ctx }) => listRelays(ctx.services, ctx.actor)),
  get: procedure
    .meta({ openapi: { method: 'GET', path: '/relays/{id}', tags, summary: 'One relay, with who may use it' } })
    .input(relayIdSchema).output(relayDetailSchema).query(({ ctx, input }) => getRelay(ctx.services, ctx.actor, input)),
  setAdvertised: procedure
    .meta({ openapi: { method: 'PUT', path: '/relays/{id}/advertised', tags, summary: 'The switch: turn a relay on or off' } })
    .input(setAdvertisedSchema).output(relayRowSchema).mutation(({ ctx, input }) => setAdvertised(ctx.services, ctx.actor, input)),
  configure: procedure
    .meta({ openapi: { method: 'PUT', path: '/relays/{id}/settings', tags, summary: 'Port, static endpoints, region and limits' } })
    .input(configureRelaySchema).output(relayDetailSchema).mutation(({ ctx, input }) => configureRelay(ctx.services, ctx.actor, input)),
  throughput: procedure
    .meta({ openapi: { method: 'GET', path: '/relays/{id}/throughput', tags: ['Throughput'], summary: 'One relay’s traffic, sessions, drops and CPU over time' } })
    .input(relayIdSchema.extend({ range: rangeSchema })).output(relayThroughputSchema)
    .query(({ ctx, input }) => {
      authorise(ctx.actor, 'relays:read')
      return ctx.metrics.queries.relayThroughput(input.id, input.range)
    }),
})
