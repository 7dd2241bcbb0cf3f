import { explainRelayUse } from '../../../policy/index.ts'
import type { NetNode } from '../../../netmap/index.ts'
import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import type { DerpPair } from './shape.ts'

/** Pages show this many. */
const most = 200

type Why = Pick<DerpPair, 'why' | 'line' | 'granted'>

function named(relays: readonly NetNode[]): string {
  const [first, second, ...rest] = relays.map(({ name }) => name)
  if (second === undefined) return first ?? 'no relay'
  return rest.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${rest.length} more`
}

/** Why no relay carries a pair: the first thing on the way from a grant to a path that is missing. */
export function whyNoRelay({ network }: Pick<ServiceContext, 'network'>, a: NetNode, b: NetNode): Why {
  const { nodes, policy } = network.network()
  const relays = nodes.filter(({ id }) => network.relayConfig(id) !== undefined && id !== a.id && id !== b.id)
  if (relays.length === 0) return { why: 'This network has no relay besides the two.', line: null, granted: false }
  const explained = relays.flatMap((relay) => [a, b].map((end) => ({ relay, ...explainRelayUse(policy, end, relay) })))
  const allowed = explained.filter((one) => one.allowed)
  if (allowed.length === 0) {
    // The one that would carry it is the most telling.
    const [telling] = explained.toSorted((x, y) => Number(y.relay.relayUp) - Number(x.relay.relayUp))
    return { why: telling?.sentence ?? 'No grant lets either use a relay.', line: telling?.line ?? null, granted: false }
  }
  const isUp = allowed.find(({ relay }) => relay.relayUp)
  if (isUp) return { why: `A relay may carry it (${isUp.relay.name}): the two have not found a path by it yet.`, line: isUp.line ?? null, granted: true }
  const usable = [...new Map(allowed.map(({ relay }) => [relay.id, relay])).values()]
  const isWanted = usable.some(({ id }) => network.relayConfig(id)?.advertised)
  const verb = usable.length === 1 ? 'is' : 'are'
  return { why: `${named(usable)}, which the pair may use, ${verb} ${isWanted ? 'not up' : 'turned off'}.`, line: allowed[0]?.line ?? null, granted: true }
}

/** Pairs whose packets go over our DERP now, most traffic first (one that has just left it is not among them), and why no relay carries them. */
export async function listDerpPairs(ctx: Pick<ServiceContext, 'network' | 'live'>, actor: Actor): Promise<DerpPair[]> {
  authorise(actor, 'sessions:read')
  return ctx.live.derpPairs().filter(({ rateFromA, rateFromB }) => rateFromA + rateFromB > 0).slice(0, most).flatMap((pair) => {
    const [a, b] = [ctx.network.node(pair.a), ctx.network.node(pair.b)]
    // One of them was removed meanwhile.
    if (a === undefined || b === undefined) return []
    return [{ a: { id: a.id, name: a.name }, b: { id: b.id, name: b.name }, rateFromA: pair.rateFromA, rateFromB: pair.rateFromB, ...whyNoRelay(ctx, a, b) }]
  })
}
