import { subnetRange } from '../route.ts'
import { type Bits, carries, type Class, hasBit, setBit, wordsFor } from './classes.ts'
import type { PolicyNode } from '../model.ts'
import type { Rule, Rules } from './rules.ts'

/** Machines that still reach a subnet, but through other routers. */
export type PathChange = { readonly route: string; readonly from: readonly PolicyNode[]; readonly to: readonly PolicyNode[]; readonly sources: Class[] }

/**
 * Where `via` chooses a router, or no longer does (spec/policy.md §9): without it the policy has no say in who carries a route.
 * `primary`: who carries a route for everybody now.
 */
export function pathChanges(rules: Rules, classes: readonly Class[], primary: (route: string) => number | undefined): PathChange[] {
  if (!rules.rules.some(({ via }) => via.length > 0)) return []
  const machines = classes.filter(({ kind }) => kind === 'machine')
  const [before, after] = [sideOf(rules, 'before'), sideOf(rules, 'after')]
  const { selectors } = rules
  return routesOf(classes, wordsFor(rules.rules.length)).flatMap((route) => {
    const chosen = primary(route.route)
    const carriers = route.carriers.toSorted((a, b) => a.id - b.id)
    const first = carriers.find(({ id }) => id === chosen) ?? carriers[0]
    if (carriers.length < 2 || first === undefined) return []
    /** By the routers before and after. Bounded by the routers of the route. */
    const moves = new Map<string, PathChange>()
    for (const source of machines) {
      const from = routersFor({ side: before, selectors, route, carriers, first, source })
      if (from.length === 0) continue
      const to = routersFor({ side: after, selectors, route, carriers, first, source })
      if (to.length === 0) continue
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

/** The rules of one policy as bits, and those with `via` by number: few. */
type Side = { readonly plain: Bits; readonly via: readonly { readonly at: number; readonly rule: Rule }[] }

function sideOf({ rules, when }: Rules, side: 'before' | 'after'): Side {
  const plain = new Uint32Array(wordsFor(rules.length))
  const via: { at: number; rule: Rule }[] = []
  for (const [at, rule] of rules.entries()) {
    if (when[at] !== 'both' && when[at] !== side) continue
    if (rule.via.length === 0) setBit(plain, at)
    else via.push({ at, rule })
  }
  return { plain, via }
}

type Asked = { readonly side: Side; readonly selectors: Rules['selectors']; readonly route: Route; readonly carriers: readonly PolicyNode[]; readonly first: PolicyNode; readonly source: Class }

/** The routers that a machine is given the route on, by id; none: it is given it on no other. */
function routersFor({ side: { plain, via }, selectors, route, carriers, first, source }: Asked): readonly PolicyNode[] {
  const isOwn = (router: PolicyNode): boolean => source.ends.some((end) => end.kind === 'machine' && end.node === router)
  // One word of rules at a time: it is asked of every machine and every route.
  for (let w = 0; w < plain.length; w++) {
    const joins = ((source.src[w] ?? 0) & (route.dst[w] ?? 0)) | ((source.dst[w] ?? 0) & (route.src[w] ?? 0))
    if ((joins & (plain[w] ?? 0)) !== 0) return isOwn(first) ? [] : [first]
  }
  const leading = via.filter(({ at }) => hasBit(source.src, at) && hasBit(route.dst, at))
  if (leading.length === 0 || isOwn(first)) return []
  const chosen = leading.flatMap(({ rule }) => {
    const tagged = carriers.filter((carrier) => carries(rule, carrier, selectors))
    const router = tagged.includes(first) ? first : tagged[0]
    return router === undefined || isOwn(router) ? [] : [router]
  })
  return [...new Set(chosen)].toSorted((a, b) => a.id - b.id)
}
