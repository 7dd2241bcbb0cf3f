import { exitRoutes, isExitRoute, type PolicyIndex } from '../policy/index.ts'
import type { NetNode } from './model.ts'

/** Before anybody is connected, right after a start, routers that were seen within this of each other are all taken to be there. */
const seenTogetherMs = 120_000

/** By subnet route: who carries it now. Bounded: approved routes of the network. */
export type Primaries = ReadonlyMap<string, number>

/**
 * Of several routers of one prefix one carries it: it stays until it is gone, then the one that joined first of those that
 * are connected follows. `nodes`: valid ones.
 */
export function choosePrimaries(nodes: readonly NetNode[], before: Primaries = new Map()): Primaries {
  return new Map([...routersOf(nodes)].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([route, all]): [string, number][] => {
    const chosen = choose(all, before.get(route))
    return chosen === undefined ? [] : [[route, chosen.id]]
  }))
}

/** `routers` ascending by id. */
function choose(routers: readonly NetNode[], before: number | undefined): NetNode | undefined {
  const known = routers.find(({ id }) => id === before)
  if (known !== undefined && known.gone === undefined) return known
  const here = routers.filter(({ gone }) => gone === undefined)
  const newest = here.reduce((latest, { lastSeen }) => Math.max(latest, lastSeen ?? 0), 0)
  return here.find(({ online }) => online) ?? here.find(({ lastSeen }) => (lastSeen ?? 0) >= newest - seenTogetherMs) ?? known ?? routers[0]
}

/** What a node carries now: what it tells itself. */
export function routesInForce(node: NetNode, primaries: Primaries): readonly string[] {
  if (node.routes.length === 0) return node.routes
  return withExit(node, node.routes.filter((route) => primaries.get(route) === node.id))
}

/** By subnet route: ids of the valid nodes that route it, ascending, and those of them that are gone. Bounded: approved routes of the network. */
export type Routers = ReadonlyMap<string, readonly NetNode[]>

export function routersOf(nodes: Iterable<NetNode>): Routers {
  const routers = new Map<string, NetNode[]>()
  for (const node of [...nodes].toSorted((a, b) => a.id - b.id)) {
    for (const route of node.routes) if (!isExitRoute(route)) routers.set(route, [...(routers.get(route) ?? []), node])
  }
  return routers
}

/** Those of the routes of a visible peer that a viewer is given (spec/policy.md §9). */
export function routesFor(index: PolicyIndex, routers: Routers, primaries: Primaries, viewer: NetNode, peer: NetNode): readonly string[] {
  if (peer.routes.length === 0) return peer.routes
  const subnets = peer.routes.filter((route) => {
    if (isExitRoute(route)) return false
    const primary = primaries.get(route)
    if (index.usesRoute(viewer.id, route)) return primary === peer.id
    const ways = index.viaRouters(viewer.id, route)
    if (ways.length > 0 && primary !== viewer.id) return ways.some((leadsThrough) => chosen(routers.get(route) ?? [], primary, leadsThrough) === peer.id)
    return primary === peer.id && viewer.routes.includes(route)
  })
  return peer.routes.some(isExitRoute) && index.usesExitNode(viewer.id, peer.id) ? withExit(peer, subnets) : subnets
}

/** Of the routers that a grant leads through: who carries the route for all if it is one of them, or the one that joined first. */
function chosen(routers: readonly NetNode[], primary: number | undefined, leadsThrough: (id: number) => boolean): number | undefined {
  const tagged = routers.filter(({ id }) => leadsThrough(id))
  return (tagged.find(({ id }) => id === primary) ?? tagged.find(({ gone }) => gone === undefined) ?? tagged[0])?.id
}

/** The default routes count as one: a client takes an exit node only with both. */
function withExit(node: NetNode, subnets: readonly string[]): string[] {
  return node.routes.some(isExitRoute) ? [...subnets, ...exitRoutes] : [...subnets]
}
