import { isSentAttribute } from '../../../netmap/index.ts'
import { explainRelayUse, givenAttributes, mayReach, relayTerms, subjectOf } from '../../../policy/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { clientFacts, clientWarnings } from './client-facts.ts'
import { limitsOf } from '../relay/limits.ts'
import { machineRoutes } from './routes.ts'
import { findMachine, machineRow, type MachineContext } from './row.ts'
import type { MachineDetail } from './shape.ts'

const maxReaches = 200

/** Every relay but itself, and whether and why it may use it. */
function relaysOf(ctx: Pick<MachineContext, 'network' | 'clock'>, id: number): MachineDetail['relays'] {
  const { network } = ctx
  const self = network.node(id)
  if (self === undefined) return []
  const { nodes, policy } = network.network()
  const client = subjectOf(policy, self)
  return nodes.filter((node) => node.id !== id && network.relayConfig(node.id) !== undefined).map((relay) => {
    const { allowed, sentence, line } = explainRelayUse(policy, self, relay, false)
    return { id: relay.id, name: relay.name, allowed, up: relay.relayUp, sentence, line: line ?? null, limits: limitsOf(relayTerms(policy, client, subjectOf(policy, relay)), relay, ctx) }
  })
}

/** Throws `not-found`. */
export async function getMachine(ctx: MachineContext, actor: Actor, { id }: { readonly id: number }): Promise<MachineDetail> {
  authorise(actor, 'machines:read')
  const record = await findMachine(ctx.db, id)
  const view = ctx.network.view(id)
  const { policy } = ctx.network.network()
  const self = ctx.network.node(id)
  const reached = view === undefined ? [] : view.peers.filter((peer) => mayReach(policy, view.self, peer).allowed)
  return {
    ...machineRow(ctx, record),
    nodeKey: record.nodeKey, discoKey: record.discoKey, machineKey: record.machineKey, endpoints: record.endpoints,
    subnetRoutes: machineRoutes(ctx, record), client: clientFacts(record),
    attributes: self === undefined ? [] : givenAttributes(policy, self).map(({ name, lines }) => ({ name, lines: [...lines], isSent: self.kind === 'client' && isSentAttribute(name) })),
    warnings: clientWarnings(record),
    relays: relaysOf(ctx, id),
    reaches: reached.slice(0, maxReaches).map((peer) => ({ id: peer.id, name: peer.name, kind: peer.kind })),
    reachCount: reached.length,
  }
}
