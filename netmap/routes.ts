import { exitRoutes, isExitRoute, subnetRange, type Subject, usesExitNodes, usesRoute } from '../policy/index.ts'
import type { NetNode, Network } from './model.ts'

/** Before anybody is connected, right after a start, routers that were seen within this of each other are all taken to be there. */
const seenTogetherMs = 120_000

/** By subnet route: who carries it now. Bounded: approved routes of the network. */
export type Primaries = ReadonlyMap<string, number>

/**
 * Of several routers of one prefix one carries it: it stays until it is gone, then the one that joined first of those that
 * are connected follows. `nodes`: valid ones.
 */
export function choosePrimaries(nodes: readonly NetNode[], before: Primaries = new Map()): Primaries {
  const routers = new Map<string, NetNode[]>()
  for (const node of nodes.toSorted((a, b) => a.id - b.id)) {
    for (const route of node.routes) if (!isExitRoute(route)) routers.set(route, [...(routers.get(route) ?? []), node])
  }
  return new Map([...routers].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([route, all]): [string, number][] => {
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

/** Those of the routes of a visible peer that a viewer is given (spec/policy.md §9). */
export function routesFor({ policy }: Pick<Network, 'policy'>, primaries: Primaries, viewer: Subject, peer: NetNode): readonly string[] {
  if (peer.routes.length === 0) return peer.routes
  const own = viewer.node.routes ?? []
  const subnets = peer.routes.filter((route) => {
    if (primaries.get(route) !== peer.id) return false
    const range = subnetRange(route)
    return own.includes(route) || (range !== undefined && usesRoute(policy, viewer, range))
  })
  return peer.routes.some(isExitRoute) && usesExitNodes(policy, viewer) ? withExit(peer, subnets) : subnets
}

/** The default routes count as one: a client takes an exit node only with both. */
function withExit(node: NetNode, subnets: readonly string[]): string[] {
  return node.routes.some(isExitRoute) ? [...subnets, ...exitRoutes] : [...subnets]
}

/** A router by the routes that a viewer is told. Bounded: gone with the node; one entry for each set of its routes that is told. */
const told = new WeakMap<NetNode, Map<string, NetNode>>()

/** The node as a view has it: the same object for the same routes, so that views can be compared by identity. */
export function withRoutes(node: NetNode, routes: readonly string[]): NetNode {
  if (node.routes.length === 0) return node
  const known = told.get(node) ?? new Map<string, NetNode>()
  told.set(node, known)
  const key = routes.join()
  const made = known.get(key) ?? viewed(node, routes)
  known.set(key, made)
  return made
}

function viewed(node: NetNode, routes: readonly string[]): NetNode {
  const { gone: _, ...seen } = node
  return { ...seen, routes: routes.toSorted() }
}
