import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import type { DnsPage } from './shape.ts'
import { readNames } from './stored.ts'

/** What the network's machines are called, and what they are told of the DNS. */
export async function getDns({ db }: Pick<ServiceContext, 'db'>, actor: Actor): Promise<DnsPage> {
  authorise(actor, 'settings:read')
  const [{ domain, dns }, machines] = [await readNames(db), await db.node.count()]
  return {
    domain, machines, magicDns: dns.magicDns, searchDomains: [...dns.searchDomains], resolvers: [...dns.resolvers],
    routes: dns.routes.map(({ suffix, resolvers }) => ({ suffix, resolvers: [...resolvers] })), records: dns.records.map((record) => ({ ...record })),
  }
}
