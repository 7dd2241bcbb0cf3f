import { z } from 'zod'
import { createAuthKey } from '../../services/auth-key/create.ts'
import { listAuthKeys } from '../../services/auth-key/list.ts'
import { revokeAuthKey } from '../../services/auth-key/revoke.ts'
import { authKeyIdSchema, authKeyRowSchema, createAuthKeySchema, createdAuthKeySchema } from '../../services/auth-key/shape.ts'
import { procedure, router } from '../trpc.ts'

const tags = ['Auth keys']

export const authKeyRouter = router({
  list: procedure
    .meta({ openapi: { method: 'GET', path: '/auth-keys', tags, summary: 'Auth keys, without the keys themselves' } })
    .output(z.array(authKeyRowSchema)).query(({ ctx }) => listAuthKeys(ctx.services, ctx.actor)),
  create: procedure
    .meta({ openapi: { method: 'POST', path: '/auth-keys', tags, summary: 'Make an auth key; it is shown this once' } })
    .input(createAuthKeySchema).output(createdAuthKeySchema).mutation(({ ctx, input }) => createAuthKey(ctx.services, ctx.actor, input)),
  revoke: procedure
    .meta({ openapi: { method: 'DELETE', path: '/auth-keys/{id}', tags, summary: 'Revoke an auth key; machines that joined with it stay' } })
    .input(authKeyIdSchema).output(authKeyRowSchema).mutation(({ ctx, input }) => revokeAuthKey(ctx.services, ctx.actor, input)),
})
