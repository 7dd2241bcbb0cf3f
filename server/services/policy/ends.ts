import type { z } from 'zod'
import { type NetNode, type Network, sessionStands } from '../../../netmap/index.ts'
import { type CompiledPolicy, isRelayGranted, type Subject, subjectOf } from '../../../policy/index.ts'
import type { LiveSession, ServiceContext } from '../context.ts'
import type { endingSessionSchema } from './shape.ts'

type Ending = z.infer<typeof endingSessionSchema>

/** More are counted, and so are more relays of one. */
const maxEnds = 200
const maxNext = 3

/** Which of the sessions that run would end with a policy, why, and where they go: those that send most first. */
export function endingSessions({ network, live }: Pick<ServiceContext, 'network' | 'live'>, policy: CompiledPolicy): { readonly ends: Ending[]; readonly total: number } {
  const before = network.network()
  const after: Network = { ...before, policy }
  /** Bounded by the nodes. */
  const nodes = new Map(before.nodes.map((node) => [node.id, node]))
  const subjects = new Map<number, Subject>()
  const subject = (node: NetNode): Subject => {
    const known = subjects.get(node.id) ?? subjectOf(policy, node)
    subjects.set(node.id, known)
    return known
  }
  const uses = (client: NetNode | undefined, relay: NetNode): boolean => client !== undefined && client !== relay && isRelayGranted(policy, subject(client), subject(relay))
  const mayStay = ({ relayId, aId, bId }: LiveSession): boolean => {
    const relay = nodes.get(relayId)
    return relay !== undefined && (uses(nodes.get(aId), relay) || uses(nodes.get(bId), relay))
  }
  const leaving = [...live.sessions().values()].filter((session) => !mayStay(session))
  const rate = ({ bitsFromA, bitsFromB }: LiveSession): number => bitsFromA + bitsFromB
  const up = before.nodes.filter(({ relayUp, authorized }) => relayUp && authorized)
  const name = (id: number): string => nodes.get(id)?.name ?? `machine ${id}`
  const ends = leaving.toSorted((a, b) => rate(b) - rate(a)).slice(0, maxEnds).map((session): Ending => {
    const { id, relayId, aId, bId } = session
    const verdict = sessionStands(after, relayId, aId, bId, before)
    const next = up.filter((relay) => relay.id !== relayId && (uses(nodes.get(aId), relay) || uses(nodes.get(bId), relay)))
    return {
      id, a: name(aId), b: name(bId), relay: name(relayId), reason: verdict.stands ? '' : verdict.reason,
      bits: rate(session), next: next.slice(0, maxNext).map((relay) => relay.name),
    }
  })
  return { ends, total: leaving.length }
}
