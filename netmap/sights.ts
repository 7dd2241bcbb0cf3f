import type { PolicyIndex } from '../policy/index.ts'
import type { Shown } from './attributes.ts'
import { compareById, equal, patched } from './compare.ts'
import type { NetNode } from './model.ts'
import { type Primaries, type Routers, routesFor } from './routes.ts'
import { seenAs } from './seen.ts'
import type { Sight } from './shared-lists.ts'

/** What sights are made from, at one moment. */
export type SightParts = {
  readonly index: PolicyIndex
  readonly valid: ReadonlyMap<number, NetNode>
  /** What others are told of those of whom there is something. */
  readonly told: ReadonlyMap<number, Shown>
  readonly routers: Routers
  readonly primaries: Primaries
}

/** From so many changed nodes on, lists are made anew. */
const mostPatched = 16

const nothingTold: Shown = { attributes: [], withoutIPv4: false }

type Kept = Sight & {
  /** Of one moment: looked through since the last change. */
  isFresh: boolean
  /** Routers as it sees them, for as long as `routing` is the same. */
  readonly routers: WeakMap<NetNode, NetNode>
  readonly routing: object
}

/** Peers that are seen the same by all who see them, and where among them those are that are not. */
type Base = { readonly peers: readonly NetNode[]; readonly routers: readonly number[]; readonly byRouters: Map<string, readonly NetNode[]> }

/** Whom nodes see: nodes that no rule tells apart share it, and those that see the same in the end share the list. */
export class Sights {
  /** By profile and what the node itself carries. Bounded: gone with the profile. */
  #kept = new WeakMap<object, Map<string, Kept>>()
  /** Made since the last change. Bounded: profiles. */
  #fresh: Kept[] = []
  /** By the ids of peers, which is one list for all who see the same. Of one moment. */
  #bases = new WeakMap<readonly number[], Base>()
  /** Nodes that changed last, where all else is seen as before. */
  #changed: readonly number[] | undefined
  /** Lists of the moment before with those that changed as they are now, by which of these are seen. */
  #patched = new WeakMap<readonly NetNode[], Map<string, readonly NetNode[]>>()
  /** Numbers for nodes as they are seen. Bounded: gone with them. */
  readonly #numbers = new WeakMap<NetNode, number>()
  #next = 0
  /** Another object when who is given which routes may be another. */
  #routing: object = {}

  /** These nodes changed. `isRouting`: perhaps who is given which routes, too. Those whom it concerns must be asked for before the next change. */
  changed(ids: ReadonlySet<number>, isRouting: boolean): void {
    this.#changed = isRouting || ids.size > mostPatched ? undefined : [...ids].toSorted((a, b) => a - b)
    this.#patched = new WeakMap()
    for (const kept of this.#fresh) kept.isFresh = false
    this.#fresh = []
    this.#bases = new WeakMap()
    if (isRouting) this.#routing = {}
  }

  /** Nothing is as it was. */
  forget(): void {
    this.#kept = new WeakMap()
    this.changed(new Set(), true)
  }

  /** `withoutIPv4`: of the node itself, which then sees nobody's. */
  of(node: NetNode, withoutIPv4: boolean, parts: SightParts): Sight {
    const { index, primaries } = parts
    const profile = index.profile(node.id) ?? node
    const carried = `${withoutIPv4 ? 6 : 4} ${node.routes.filter((route) => primaries.get(route) === node.id).join()}`
    const known = this.#kept.get(profile) ?? new Map<string, Kept>()
    this.#kept.set(profile, known)
    const was = known.get(carried)
    if (was?.isFresh === true) return was
    const routers = was !== undefined && was.routing === this.#routing ? was.routers : new WeakMap<NetNode, NetNode>()
    const peers = this.#changed !== undefined && was?.routing === this.#routing && !withoutIPv4 ? this.#patch(was.peers, this.#changed, node, parts)
      : sameList(was?.peers, this.#peers(node, withoutIPv4, routers, parts))
    const serves = index.isRelay(node.id) ? index.servedByProfile(node.id) : []
    const kept = { peers, serves: was !== undefined && equal(was.serves, serves) ? was.serves : serves, isFresh: true, routers, routing: this.#routing }
    known.set(carried, kept)
    this.#fresh.push(kept)
    return kept
  }

  /** None of those that changed is a router: all see them the same. */
  #patch(before: readonly NetNode[], changed: readonly number[], viewer: NetNode, parts: SightParts): readonly NetNode[] {
    const seen = changed.filter((id) => parts.index.profileSees(viewer.id, id))
    const made = this.#patched.get(before) ?? new Map<string, readonly NetNode[]>()
    this.#patched.set(before, made)
    const key = seen.join()
    const known = made.get(key)
    if (known !== undefined) return known
    const fresh = new Map<number, NetNode | undefined>(changed.map((id) => [id, seen.includes(id) ? this.#seen(id, viewer, false, parts) : undefined]))
    const list = patched(before, fresh)
    made.set(key, list)
    return list
  }

  #peers(viewer: NetNode, withoutIPv4: boolean, known: WeakMap<NetNode, NetNode>, parts: SightParts): readonly NetNode[] {
    const ids = parts.index.peersOfProfile(viewer.id)
    if (withoutIPv4) return ids.flatMap((id) => this.#seen(id, viewer, true, parts) ?? [])
    const base = this.#bases.get(ids) ?? this.#base(ids, viewer, parts)
    this.#bases.set(ids, base)
    if (base.routers.length === 0) return base.peers
    const seen = base.routers.map((at) => {
      const router = base.peers[at] ?? viewer
      const as = known.get(router) ?? this.#seen(router.id, viewer, false, parts) ?? router
      known.set(router, as)
      return as
    })
    const key = seen.map((router) => this.#number(router)).join()
    const shared = base.byRouters.get(key)
    if (shared !== undefined) return shared
    const peers = [...base.peers]
    for (const [i, at] of base.routers.entries()) peers[at] = seen[i] ?? viewer
    base.byRouters.set(key, peers)
    return peers
  }

  #base(ids: readonly number[], viewer: NetNode, parts: SightParts): Base {
    const peers: NetNode[] = []
    const routers: number[] = []
    for (const id of ids) {
      const peer = parts.valid.get(id)
      if (peer === undefined) continue
      if (peer.routes.length > 0) routers.push(peers.length)
      // Most peers are told as they are.
      peers.push(peer.routes.length > 0 || (peer.attributes === undefined && !parts.told.has(id)) ? peer : this.#seen(id, viewer, false, parts) ?? peer)
    }
    return { peers, routers, byRouters: new Map() }
  }

  #seen(id: number, viewer: NetNode, withoutIPv4: boolean, { index, valid, told, routers, primaries }: SightParts): NetNode | undefined {
    const peer = valid.get(id)
    const shown = told.get(id) ?? nothingTold
    return peer && seenAs(peer, routesFor(index, routers, primaries, viewer, peer), withoutIPv4 ? { ...shown, withoutIPv4 } : shown)
  }

  #number(node: NetNode): number {
    const known = this.#numbers.get(node) ?? this.#next++
    this.#numbers.set(node, known)
    return known
  }
}

/** The list that was there before, where it says the same. */
function sameList(before: readonly NetNode[] | undefined, list: readonly NetNode[]): readonly NetNode[] {
  if (before === undefined || before === list) return list
  const { changed, removed } = compareById(before, list)
  return changed.length + removed.length === 0 ? before : list
}
