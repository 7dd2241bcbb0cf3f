import { decideLogin } from '../../services/login/decide.ts'
import { getLogin } from '../../services/login/get.ts'
import { decideLoginSchema, loginIdSchema, loginSchema } from '../../services/login/shape.ts'
import { procedure, router } from '../trpc.ts'

/** Machines that ask a person to let them in. For people alone: not in the API. */
export const loginRouter = router({
  get: procedure.input(loginIdSchema).output(loginSchema).query(({ ctx, input }) => getLogin(ctx.services, ctx.actor, input)),
  decide: procedure.input(decideLoginSchema).output(loginSchema).mutation(({ ctx, input }) => decideLogin(ctx.services, ctx.actor, input)),
})
