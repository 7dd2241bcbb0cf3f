import { listActivity } from '../../services/activity/list.ts'
import { auditPageSchema, listActivitySchema } from '../../services/activity/shape.ts'
import { procedure, router } from '../trpc.ts'

export const activityRouter = router({
  list: procedure
    .meta({ openapi: { method: 'GET', path: '/activity', tags: ['Activity'], summary: 'What changed, by whom, newest first' } })
    .input(listActivitySchema).output(auditPageSchema).query(({ ctx, input }) => listActivity(ctx.services, ctx.actor, input)),
})
