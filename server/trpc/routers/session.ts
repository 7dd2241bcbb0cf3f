import { z } from 'zod'
import { listDerpPairs } from '../../services/session/derp-pairs.ts'
import { listSessions } from '../../services/session/list.ts'
import { derpPairSchema, listSessionsSchema, sessionPageSchema } from '../../services/session/shape.ts'
import { procedure, router } from '../trpc.ts'

const tags = ['Sessions']

export const sessionRouter = router({
  list: procedure
    .meta({ openapi: { method: 'GET', path: '/sessions', tags, summary: 'Sessions that run, or ended ones with their reasons' } })
    .input(listSessionsSchema).output(sessionPageSchema).query(({ ctx, input }) => listSessions(ctx.services, ctx.actor, input)),
  derpPairs: procedure
    .meta({ openapi: { method: 'GET', path: '/derp-pairs', tags, summary: 'Pairs whose packets go over DERP now, and why no relay carries them' } })
    .output(z.array(derpPairSchema)).query(({ ctx }) => listDerpPairs(ctx.services, ctx.actor)),
})
