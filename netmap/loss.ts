import type { NetNode, Network, NodeView } from './model.ts'
import { whyLost } from './session.ts'

/** More causes than this are counted, not named. */
const maxNamed = 3

/**
 * Why machines may no longer be served by a relay, or belong no more to the network that it serves: the reason of the
 * sessions that end with it. Undefined when nobody lost anything.
 */
export function lossCause(before: Network, after: Network, relayBefore: NodeView, relayAfter: NodeView | undefined): string | undefined {
  const serves = new Set(relayAfter?.serves ?? [])
  const members = new Set((relayAfter?.sessionPeers ?? []).map(({ id }) => id))
  const lost = [
    ...relayBefore.serves.filter((id) => !serves.has(id)),
    // A relay that serves nobody any more is told of no peers: then the lost grants say why.
    ...(serves.size === 0 ? [] : relayBefore.sessionPeers.flatMap(({ id }) => (members.has(id) ? [] : [id]))),
  ]
  const causes = new Set<string>()
  const find = indexOf(before)
  const findAfter = indexOf(after)
  for (const id of new Set(lost)) {
    const client = find(id)
    if (client !== undefined) causes.add(whyLost(before, after, relayBefore.self, findAfter(relayBefore.self.id), client, findAfter(id)))
  }
  const named = [...causes]
  if (named.length <= maxNamed) return named.length === 0 ? undefined : named.join('; ')
  return `${named.slice(0, maxNamed).join('; ')}; and ${named.length - maxNamed} more`
}

function indexOf({ nodes }: Network): (id: number) => NetNode | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]))
  return (id) => byId.get(id)
}
