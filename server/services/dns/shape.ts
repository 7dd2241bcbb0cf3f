import { z } from 'zod'
import { strictBoolean } from '../strict-boolean.ts'

const text = z.string().trim().max(255)

/** What people wrote; the verb says what is wrong with it, with its place. */
export const saveDnsSchema = z.object({
  domain: text,
  magicDns: strictBoolean,
  searchDomains: z.array(text).max(10, 'at most 10 search domains'),
  /** An IP, `IP:port` or an `https://` address. */
  resolvers: z.array(text).max(10, 'at most 10 resolvers'),
  routes: z.array(z.object({ suffix: text, resolvers: z.array(text).min(1, 'at least one resolver').max(10, 'at most 10 resolvers') })).max(50, 'at most 50 suffixes'),
  /** `value` is an IPv4 or IPv6 address: the record's type follows from it. */
  records: z.array(z.object({ name: text, value: text })).max(500, 'at most 500 records'),
})

export const dnsSchema = z.object({
  domain: z.string(),
  magicDns: z.boolean(),
  searchDomains: z.array(z.string()),
  resolvers: z.array(z.string()),
  routes: z.array(z.object({ suffix: z.string(), resolvers: z.array(z.string()) })),
  records: z.array(z.object({ name: z.string(), type: z.enum(['A', 'AAAA']), value: z.string() })),
  /** Machines whose names end in the domain: all of them are renamed with it. */
  machines: z.number().int(),
})
export type DnsPage = z.infer<typeof dnsSchema>
