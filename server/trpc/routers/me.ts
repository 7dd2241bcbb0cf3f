import { z } from 'zod'
import { getNetworkName } from '../../services/setting/get.ts'
import { roleSchema } from '../../services/person/shape.ts'
import { procedure, router } from '../trpc.ts'

const meSchema = z.object({
  id: z.string(), name: z.string(), email: z.string(), role: roleSchema, networkName: z.string(), version: z.string(),
  /** What commands on the control plane's machine need, such as `--data /srv/towpath`; empty: nothing. */
  dataFlag: z.string(),
})

export const meRouter = router({
  get: procedure.output(meSchema).query(async ({ ctx: { actor, services } }) => ({
    id: actor.id,
    name: actor.name,
    email: actor.kind === 'user' ? actor.email : '',
    role: actor.kind === 'user' || actor.kind === 'token' ? actor.role : 'viewer',
    networkName: await getNetworkName(services.db),
    version: services.server.version,
    dataFlag: services.server.dataFlag,
  })),
})
