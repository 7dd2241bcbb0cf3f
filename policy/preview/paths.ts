import { subnetRange } from '../route.ts'
import { type Bits, carries, type Class, hasBit, wordsFor } from './classes.ts'
import type { PolicyNode } from '../model.ts'
import type { Rules } from './rules.ts'

/** Machines that still reach a subnet, but through other routers. */
export type PathChange = { readonly route: string; readonly from: readonly PolicyNode[]; readonly to: readonly PolicyNode[]; readonly sources: Class[] }

/**
 * Where `via` chooses a router, or no longer does (spec/policy.md §9): without it the policy has no say in who carries a route.
 * `primary`: who carries a route for everybody now.
 */
export function pathChanges(rules: Rules, classes: readonly Class[], primary: (route: string) => number | undefined): PathChange[] {
  if (!rules.rules.some(({ via }) => via.length > 0)) return []
  const machines = classes.filter(({ kind }) => kind === 'machine')
  return routesOf(classes, wordsFor(rules.rules.length)).flatMap((route) => {
    const chosen = primary(route.route)
    const carriers = route.carriers.toSorted((a, b) => a.id - b.id)
    const first = carriers.find(({ id }) => id === chosen) ?? carriers[0]
    if (carriers.length < 2 || first === undefined) return []
    /** By the routers before and after. Bounded by the routers of the route. */
    const moves = new Map<string, PathChange>()
    for (const source of machines) {
      const [from, to] = (['before', 'after'] as const).map((when) => routersFor({ rules, when, route, carriers, first, source }))
      if (from === undefined || to === undefined || from.length === 0 || to.length === 0) continue
      const key = `${from.map(({ id }) => id).join()} ${to.map(({ id }) => id).join()}`
      if (from.length === to.length && from.every((router, at) => router === to[at])) continue
      const known = moves.get(key)
      if (known === undefined) moves.set(key, { route: route.route, from, to, sources: [source] })
      else known.sources.push(source)
    }
    return [...moves.values()]
  })
}

type Route = { readonly route: string; readonly carriers: readonly PolicyNode[]; readonly src: Bits; readonly dst: Bits }

/** Of each route with all of its parts. */
function routesOf(classes: readonly Class[], words: number): Route[] {
  /** Bounded by the routes of the network. */
  const routes = new Map<string, Route>()
  for (const { ends: [end], src, dst } of classes) {
    if (end?.kind !== 'subnet' || subnetRange(end.route) === undefined) continue
    const known = routes.get(end.route) ?? { route: end.route, carriers: end.carriers, src: new Uint32Array(words), dst: new Uint32Array(words) }
    for (let w = 0; w < words; w++) {
      known.src[w] = (known.src[w] ?? 0) | (src[w] ?? 0)
      known.dst[w] = (known.dst[w] ?? 0) | (dst[w] ?? 0)
    }
    routes.set(end.route, known)
  }
  return [...routes.values()]
}

type Asked = { readonly rules: Rules; readonly when: 'before' | 'after'; readonly route: Route; readonly carriers: readonly PolicyNode[]; readonly first: PolicyNode; readonly source: Class }

/** The routers that a machine is given the route on, by id; none: it is given it on no other. */
function routersFor({ rules, when, route, carriers, first, source }: Asked): PolicyNode[] {
  const isOwn = (router: PolicyNode): boolean => source.ends.some((end) => end.kind === 'machine' && end.node === router)
  const chosen = new Set<PolicyNode>()
  for (const [at, rule] of rules.rules.entries()) {
    if (rules.when[at] !== 'both' && rules.when[at] !== when) continue
    const has = (bits: Bits): boolean => hasBit(bits, at)
    if (rule.via.length === 0) {
      if ((has(source.src) && has(route.dst)) || (has(source.dst) && has(route.src))) return isOwn(first) ? [] : [first]
    } else if (has(source.src) && has(route.dst) && !isOwn(first)) {
      const tagged = carriers.filter((carrier) => carries(rule, carrier, rules.selectors))
      const router = tagged.includes(first) ? first : tagged[0]
      if (router !== undefined && !isOwn(router)) chosen.add(router)
    }
  }
  return [...chosen].toSorted((a, b) => a.id - b.id)
}
