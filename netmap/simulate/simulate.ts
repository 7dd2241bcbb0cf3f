import { explainReach, explainRelayUse, isExitRoute, openBehind, relayCapVersion, relayTerms, subjectOf, termsWords } from '../../policy/index.ts'
import type { NetNode, Network, NodeView } from '../model.ts'
import { isValid, viewFor } from '../view.ts'
import { expectedRelay } from './expected.ts'
import type { SimulatedAsk, SimulatedEnd, SimulatedRelay, SimulatedRoute, SimulatedWay, Simulation } from './model.ts'

/**
 * What two machines may do by the network's policy, and which relays would carry them. `relayIds` are the machines set up as
 * relays, up or not. Undefined when one of the two does not exist.
 */
export function simulate(network: Network, relayIds: ReadonlySet<number>, fromId: number, toId: number): Simulation | undefined {
  const [from, to] = [fromId, toId].map((id) => network.nodes.find((node) => node.id === id))
  if (from === undefined || to === undefined) return undefined
  const relays = network.nodes.filter(({ id }) => relayIds.has(id) && id !== fromId && id !== toId)
  // Views as they would be told; of all others only relays and routers have a part in it.
  const small = { ...network, nodes: network.nodes.filter((node) => node === from || node === to || relays.includes(node) || node.routes.length > 0) }
  const views = [from, to].map(({ id }) => viewFor(id, small))
  const seeEachOther = views[0]?.peers.some(({ id }) => id === toId) ?? false
  const ends = [endOf(from, to, network), endOf(to, from, network)] as const
  const asked = relays.map((relay): SimulatedRelay => {
    const asks = [from, to].map((end, at) => askOf(network, end, relay, ends[at]?.whyNot ?? (seeEachOther ? undefined : 'The two do not see each other, so it is not asked.'), views[at]))
    return { id: relay.id, name: relay.name, isUp: relay.relayUp, asks, isAsked: asks.some(({ isAsked }) => isAsked) }
  })
  const ways = [wayOf(network, from, to, views[0]), wayOf(network, to, from, views[1])] as const
  return {
    ends, ways, seeEachOther,
    relays: asked.toSorted((a, b) => rank(a) - rank(b) || a.id - b.id),
    expected: expectedRelay(network, { ends, ways, seeEachOther, nodes: [from, to], relays: asked }),
    otherwise: otherwiseWords(network, from, to),
  }
}

function rank({ isAsked, asks }: SimulatedRelay): number {
  return isAsked ? 0 : asks.some(({ allowed }) => allowed) ? 1 : 2
}

function endOf(end: NetNode, other: NetNode, { now }: Network): SimulatedEnd {
  const whyNot = whyAsksNobody(end, other, now)
  const who = end.tags.length > 0 ? end.tags.join(', ') : end.owner ?? 'without owner or tag'
  return { id: end.id, name: end.name, who, ...(whyNot === undefined ? {} : { whyNot }) }
}

function isTooOld({ capVersion }: NetNode): boolean {
  return capVersion > 0 && capVersion < relayCapVersion
}

function whyAsksNobody(end: NetNode, other: NetNode, now: Network['now']): string | undefined {
  if (end.kind === 'agent') return `${end.name} is an agent: it relays and asks nobody.`
  if (!end.authorized) return `${end.name} is not approved.`
  if (!isValid(end, now)) return `The key of ${end.name} has expired.`
  if (isTooOld(end)) return `${end.name} is too old to use relays: capability version ${end.capVersion}, and ${relayCapVersion} is needed.`
  return isTooOld(other) ? `${other.name} is too old for relays, so ${end.name} asks none for it.` : undefined
}

function askOf(network: Network, end: NetNode, relay: NetNode, whyNot: string | undefined, view: NodeView | undefined): SimulatedAsk {
  const { policy } = network
  // Limits stand beside it, each with its lines.
  const explained = explainRelayUse(policy, end, relay, false)
  const terms = relayTerms(policy, subjectOf(policy, end), subjectOf(policy, relay))
  const limits = terms === undefined ? [] : termsWords(terms).map(({ words, lines }) => ({ words, lines: lines.map(({ line }) => line) }))
  const isAsked = whyNot === undefined && !isTooOld(relay) && (view?.relays.includes(relay.id) ?? false)
  return { ...explained, end: end.name, isAsked, limits, sentence: isAsked || !explained.allowed ? explained.sentence : `${explained.sentence} ${whyNotAsked(relay, whyNot)}` }
}

function whyNotAsked(relay: NetNode, whyNot: string | undefined): string {
  if (!relay.relayUp) return 'It is not up.'
  if (isTooOld(relay)) return `It is too old to relay: capability version ${relay.capVersion}, and ${relayCapVersion} is needed.`
  return whyNot ?? 'Relays with a higher preference are up, and only those are asked.'
}

function wayOf({ policy }: Network, from: NetNode, to: NetNode, view: NodeView | undefined): SimulatedWay {
  return { ...explainReach(policy, from, to), from: from.name, to: to.name, behind: to.routes.flatMap((route) => routeOf(policy, from, to, route, view) ?? []) }
}

/** The default routes are told together: the first stands for both. */
function routeOf(policy: Network['policy'], from: NetNode, to: NetNode, route: string, view: NodeView | undefined): SimulatedRoute | undefined {
  if (isExitRoute(route) && to.routes.find(isExitRoute) !== route) return undefined
  const open = openBehind(policy, from, to, route)
  // Every exit node is offered; of routers with one prefix one carries it.
  const carriers = view?.peers.filter((peer) => peer.routes.includes(route)) ?? []
  const by = carriers.find(({ id }) => id === to.id) ?? (isExitRoute(route) ? undefined : carriers[0])
  return { route: isExitRoute(route) ? 'the internet' : route, open, ...(by === undefined ? {} : { by: { id: by.id, name: by.name } }) }
}

function otherwiseWords({ derpRegions }: Network, from: NetNode, to: NetNode): string {
  const codes = [from, to].map(({ homeDerp }) => derpRegions.find(({ id }) => id === homeDerp)?.code)
  const [a, b] = codes
  if (a === undefined || b === undefined) return 'Without a relay, DERP carries what they send; the home region of at least one of them is not known.'
  return a === b ? `Without a relay, DERP carries what they send, in region ${a}, the home of both.` : `Without a relay, DERP carries what they send: to ${to.name} in region ${b}, to ${from.name} in region ${a}.`
}
