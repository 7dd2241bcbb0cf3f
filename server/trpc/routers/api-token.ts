import { z } from 'zod'
import { createApiToken } from '../../services/api-token/create.ts'
import { listApiTokens } from '../../services/api-token/list.ts'
import { revokeApiToken } from '../../services/api-token/revoke.ts'
import { apiTokenIdSchema, apiTokenRowSchema, createApiTokenSchema, createdApiTokenSchema } from '../../services/api-token/shape.ts'
import { procedure, router } from '../trpc.ts'

export const apiTokenRouter = router({
  list: procedure.output(z.array(apiTokenRowSchema)).query(({ ctx }) => listApiTokens(ctx.services, ctx.actor)),
  create: procedure.input(createApiTokenSchema).output(createdApiTokenSchema).mutation(({ ctx, input }) => createApiToken(ctx.services, ctx.actor, input)),
  revoke: procedure.input(apiTokenIdSchema).output(apiTokenRowSchema).mutation(({ ctx, input }) => revokeApiToken(ctx.services, ctx.actor, input)),
})
