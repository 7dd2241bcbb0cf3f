import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import type { DnsPage } from './shape.ts'
import { flatNames, readNames } from './stored.ts'

/** What the network's machines are called, and what they are told of the DNS. */
export async function getDns({ db }: Pick<ServiceContext, 'db'>, actor: Actor): Promise<DnsPage> {
  authorise(actor, 'settings:read')
  const [names, machines] = await Promise.all([readNames(db), db.node.count()])
  return { ...flatNames(names), machines }
}
