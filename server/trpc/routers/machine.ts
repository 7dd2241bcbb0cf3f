import { z } from 'zod'
import { approveMachine } from '../../services/node/approve.ts'
import { getMachine } from '../../services/node/get.ts'
import { expireKey } from '../../services/node/expire-key.ts'
import { listMachines } from '../../services/node/list.ts'
import { clientNetmapSchema, readClientNetmap } from '../../services/node/read-netmap.ts'
import { removeMachine } from '../../services/node/remove.ts'
import { renameMachine } from '../../services/node/rename.ts'
import { setKeyExpiry } from '../../services/node/set-key-expiry.ts'
import { setMachineRoutes } from '../../services/node/set-routes.ts'
import { setMachineTags } from '../../services/node/set-tags.ts'
import { machineDetailSchema, machineIdSchema, machineRowSchema, renameMachineSchema, setKeyExpirySchema, setRoutesSchema, setTagsSchema } from '../../services/node/shape.ts'
import { checkPath } from '../../services/path/check.ts'
import { checkPathSchema, pathCheckSchema } from '../../services/path/shape.ts'
import { procedure, router } from '../trpc.ts'

const tags = ['Machines']

export const machineRouter = router({
  list: procedure
    .meta({ openapi: { method: 'GET', path: '/machines', tags, summary: 'All machines of the network' } })
    .output(z.array(machineRowSchema)).query(({ ctx }) => listMachines(ctx.services, ctx.actor)),
  get: procedure
    .meta({ openapi: { method: 'GET', path: '/machines/{id}', tags, summary: 'One machine, with the relays that it may use and why' } })
    .input(machineIdSchema).output(machineDetailSchema).query(({ ctx, input }) => getMachine(ctx.services, ctx.actor, input)),
  rename: procedure
    .meta({ openapi: { method: 'PUT', path: '/machines/{id}/name', tags, summary: 'Rename a machine' } })
    .input(renameMachineSchema).output(machineRowSchema).mutation(({ ctx, input }) => renameMachine(ctx.services, ctx.actor, input)),
  setTags: procedure
    .meta({ openapi: { method: 'PUT', path: '/machines/{id}/tags', tags, summary: 'Set a machine’s tags' } })
    .input(setTagsSchema).output(machineRowSchema).mutation(({ ctx, input }) => setMachineTags(ctx.services, ctx.actor, input)),
  setRoutes: procedure
    .meta({ openapi: { method: 'PUT', path: '/machines/{id}/routes', tags, summary: 'Approve what a machine may route for others; in force is what it also offers' } })
    .input(setRoutesSchema).output(machineRowSchema).mutation(({ ctx, input }) => setMachineRoutes(ctx.services, ctx.actor, input)),
  setKeyExpiry: procedure
    .meta({ openapi: { method: 'PUT', path: '/machines/{id}/key-expiry', tags, summary: 'Let a machine’s key expire, counted anew from now, or never' } })
    .input(setKeyExpirySchema).output(machineRowSchema).mutation(({ ctx, input }) => setKeyExpiry(ctx.services, ctx.actor, input)),
  expireKey: procedure
    .meta({ openapi: { method: 'POST', path: '/machines/{id}/expire-key', tags, summary: 'End a machine’s key now: it must sign in again' } })
    .input(machineIdSchema).output(machineRowSchema).mutation(({ ctx, input }) => expireKey(ctx.services, ctx.actor, input)),
  approve: procedure
    .meta({ openapi: { method: 'POST', path: '/machines/{id}/approve', tags, summary: 'Let a machine in that asked to join' } })
    .input(machineIdSchema).output(machineRowSchema).mutation(({ ctx, input }) => approveMachine(ctx.services, ctx.actor, input)),
  remove: procedure
    .meta({ openapi: { method: 'DELETE', path: '/machines/{id}', tags, summary: 'Remove a machine; its sessions end at once' } })
    .input(machineIdSchema).output(z.object({ removed: z.literal(true) })).mutation(({ ctx, input }) => removeMachine(ctx.services, ctx.actor, input)),
  readNetmap: procedure
    .meta({ openapi: { method: 'POST', path: '/machines/{id}/read-netmap', tags, summary: 'Ask a stock client what it makes of the network map that it was sent' } })
    .input(machineIdSchema).output(clientNetmapSchema).mutation(({ ctx, input }) => readClientNetmap(ctx.services, ctx.actor, input)),
  checkPath: procedure
    .meta({ openapi: { method: 'POST', path: '/machines/{id}/check-path', tags, summary: 'Ask a stock client which path it has to another machine: direct, by which relay, or DERP, with the latency' } })
    .input(checkPathSchema).output(pathCheckSchema).mutation(({ ctx, input }) => checkPath(ctx.services, ctx.actor, input)),
})
