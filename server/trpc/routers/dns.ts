import { getDns } from '../../services/dns/get.ts'
import { saveDns } from '../../services/dns/save.ts'
import { dnsSchema, saveDnsSchema } from '../../services/dns/shape.ts'
import { procedure, router } from '../trpc.ts'

const tags = ['DNS']

export const dnsRouter = router({
  get: procedure
    .meta({ openapi: { method: 'GET', path: '/dns', tags, summary: 'The network’s domain and what machines are told of the DNS' } })
    .output(dnsSchema).query(({ ctx }) => getDns(ctx.services, ctx.actor)),
  save: procedure
    .meta({ openapi: { method: 'PUT', path: '/dns', tags, summary: 'Replace the DNS settings; another domain renames every machine' } })
    .input(saveDnsSchema).output(dnsSchema).mutation(({ ctx, input }) => saveDns(ctx.services, ctx.actor, input)),
})
