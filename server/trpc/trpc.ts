import { initTRPC, TRPCError } from '@trpc/server'
import superjson from 'superjson'
import type { OpenApiMeta } from 'trpc-to-openapi'
import { TowpathError } from '../errors/index.ts'
import type { TrpcContext } from './context.ts'
import { describeError, toTrpcError } from './errors.ts'

const t = initTRPC.context<TrpcContext>().meta<OpenApiMeta>().create({
  transformer: superjson,
  errorFormatter({ shape, error }) {
    const { message, data } = describeError(error)
    return { ...shape, message, data: { code: shape.data.code, httpStatus: shape.data.httpStatus, ...data } }
  },
})

export const router = t.router
export const createCallerFactory = t.createCallerFactory

/** Maps what verbs throw, once for all procedures. */
export const publicProcedure = t.procedure.use(async ({ next }) => {
  const result = await next()
  if (result.ok) return result
  throw toTrpcError(result.error)
})

/** Somebody signed in, or a token. What they may do is each verb's to say. */
export const procedure = publicProcedure.use(async ({ ctx, next }) => {
  if (ctx.actor === null) {
    const cause = new TowpathError({
      code: 'unauthenticated',
      text: ctx.headers.has('authorization') ? 'This API token is unknown, expired or revoked' : 'Nobody is signed in',
      fix: ctx.headers.has('authorization') ? 'Make a new token in Settings' : 'Sign in, or send an API token as "Authorization: Bearer …"',
    })
    throw new TRPCError({ code: 'UNAUTHORIZED', message: cause.message, cause })
  }
  return next({ ctx: { ...ctx, actor: ctx.actor } })
})
