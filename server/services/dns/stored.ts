import { z } from 'zod'
import { defaultNames, type NetworkNames } from '../../../netmap/index.ts'
import type { Db } from '../../db/client.ts'

/** The setting that holds names and DNS, all of it: `setting.changed` with it says that they are others. */
export const dnsSettingKey = 'dns'

/** Whatever was not set, or does not parse, is as in a new network. */
const storedNamesSchema = z.object({
  domain: z.string().min(1).catch(defaultNames.domain),
  magicDns: z.boolean().catch(defaultNames.dns.magicDns),
  searchDomains: z.array(z.string()).catch([]),
  resolvers: z.array(z.string()).catch([]),
  routes: z.array(z.object({ suffix: z.string(), resolvers: z.array(z.string()).min(1) })).catch([]),
  records: z.array(z.object({ name: z.string(), type: z.enum(['A', 'AAAA']), value: z.string() })).catch([]),
})

export async function readNames(db: Pick<Db, 'setting'>): Promise<NetworkNames> {
  const row = await db.setting.findUnique({ where: { key: dnsSettingKey } })
  const parsed = storedNamesSchema.safeParse(row?.value)
  if (!parsed.success) return defaultNames
  const { domain, ...dns } = parsed.data
  return { domain, dns }
}

/** As stored, and as pages show it. */
export function flatNames({ domain, dns }: NetworkNames) {
  return {
    domain, magicDns: dns.magicDns, searchDomains: [...dns.searchDomains], resolvers: [...dns.resolvers],
    routes: dns.routes.map(({ suffix, resolvers }) => ({ suffix, resolvers: [...resolvers] })), records: dns.records.map((record) => ({ ...record })),
  }
}
