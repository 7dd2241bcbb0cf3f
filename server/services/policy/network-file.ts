import type { NetworkFile } from '../../../policy/network-file.ts'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { isRelay } from './problems.ts'
import { policyPeople } from './tests.ts'

export { networkFileSchema } from '../../../policy/network-file.ts'

/** The running network as the file that policies are compiled and tested for, on a machine without a control plane. */
export async function getNetworkFile({ db, network }: Pick<ServiceContext, 'db' | 'network'>, actor: Actor): Promise<NetworkFile> {
  authorise(actor, 'policy:read')
  authorise(actor, 'machines:read')
  const people = await policyPeople(db)
  return {
    people: people.toSorted((a, b) => (a.email < b.email ? -1 : 1)),
    nodes: network.network().nodes.map((node) => ({
      name: node.name,
      ...(node.owner === undefined || node.tags.length > 0 ? {} : { owner: node.owner }),
      ...(node.tags.length > 0 ? { tags: [...node.tags] } : {}),
      addresses: [...node.addresses],
      ...(node.routes.length > 0 ? { routes: [...node.routes] } : {}),
      relay: isRelay(network, node), kind: node.kind,
      ...(node.capVersion > 0 ? { capVersion: node.capVersion } : {}),
    })),
  }
}
