import { getSettings } from '../../services/setting/get.ts'
import { settingsSchema, updateSettingsSchema } from '../../services/setting/shape.ts'
import { updateSettings } from '../../services/setting/update.ts'
import { procedure, router } from '../trpc.ts'

export const settingRouter = router({
  get: procedure.output(settingsSchema).query(({ ctx }) => getSettings(ctx.services, ctx.actor)),
  update: procedure.input(updateSettingsSchema).output(settingsSchema).mutation(({ ctx, input }) => updateSettings(ctx.services, ctx.actor, input)),
})
