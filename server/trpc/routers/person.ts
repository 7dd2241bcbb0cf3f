import { z } from 'zod'
import { invitePerson } from '../../services/person/invite.ts'
import { listPeople } from '../../services/person/list.ts'
import { removePerson } from '../../services/person/remove.ts'
import { setRole } from '../../services/person/set-role.ts'
import { invitePersonSchema, inviteSchema, personIdSchema, personRowSchema, setRoleSchema } from '../../services/person/shape.ts'
import { procedure, router } from '../trpc.ts'

export const personRouter = router({
  list: procedure.output(z.array(personRowSchema)).query(({ ctx }) => listPeople(ctx.services, ctx.actor)),
  invite: procedure.input(invitePersonSchema).output(inviteSchema).mutation(({ ctx, input }) => invitePerson(ctx.services, ctx.actor, input)),
  setRole: procedure.input(setRoleSchema).output(personRowSchema).mutation(({ ctx, input }) => setRole(ctx.services, ctx.actor, input)),
  remove: procedure.input(personIdSchema).output(z.object({ removed: z.literal(true) })).mutation(({ ctx, input }) => removePerson(ctx.services, ctx.actor, input)),
})
