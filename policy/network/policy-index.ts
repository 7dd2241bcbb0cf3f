import type { CompiledPolicy } from '../compile.ts'
import type { PolicyNode } from '../model.ts'
import type { FilterRule } from '../rules.ts'
import { addressesOf } from '../subject.ts'
import { AddressOrder } from './address-order.ts'
import { BitSet } from './bit-set.ts'
import { CountedRoutes } from './counted-routes.ts'
import { rulesOf } from './instantiate.ts'
import { isOneOf, Lists } from './lists.ts'
import { Persons } from './persons.ts'
import { type Plan, planOf, type PlanParts } from './plan.ts'
import { hitBitsOf, isRouterFor, type Member, type Profile, type Standing, traitsOf } from './profile.ts'
import { RelayTargets } from './relay-targets.ts'
import { Roster } from './roster.ts'
import { RouteUse } from './route-use.ts'
import { relayLinksTo, Serving } from './serving.ts'
import { linksOf, type Side } from './sides.ts'
import { Sight } from './sight.ts'

/**
 * A policy and the nodes of a network, kept together as nodes come, go and change: what each node is sent, whom it sees, and whose
 * answer changed. Nodes that no rule tells apart share what is made for them.
 */
export type PolicyIndex = {
  readonly compiled: CompiledPolicy
  /** Takes a node in, or what it is now. Without `standing` others hear of it, and it does not relay. */
  readonly upsert: (node: PolicyNode, standing?: Standing) => void
  readonly remove: (id: number) => void
  readonly node: (id: number) => PolicyNode | undefined
  /** Its packet filter (spec/policy.md §7), the same whatever the order of grants; the same object while nothing in it changes. */
  readonly rules: (id: number) => readonly FilterRule[]
  /** The packet filter that a node would have that is not in the network. */
  readonly rulesFor: (node: PolicyNode) => readonly FilterRule[]
  /** Ids of the nodes that it sees, ascending (§8). */
  readonly peers: (id: number) => number[]
  readonly peerCount: (id: number) => number
  readonly seeEachOther: (a: number, b: number) => boolean
  /** Ids of the relays that it is told of, which are up; ascending. */
  readonly relays: (id: number) => readonly number[]
  /** Ids of the nodes that it may serve as a relay, ascending. */
  readonly serves: (id: number) => number[]
  /** Whether it may serve anybody. */
  readonly isRelay: (id: number) => boolean
  /** Nodes of one profile see the same; the same object while it has nodes. */
  readonly profile: (id: number) => object | undefined
  /** What nodes of the profile of `id` see and may serve, the node itself among them where others of its profile do. Ascending; one list for all who see the same. */
  readonly peersOfProfile: (id: number) => readonly number[]
  /** Whether `other` is among `peersOfProfile`. */
  readonly profileSees: (id: number, other: number) => boolean
  readonly servedByProfile: (id: number) => number[]
  /** Whether it is given a subnet route, whoever carries it (§9). */
  readonly usesRoute: (id: number, route: string) => boolean
  /** Grants that lead it to a subnet route through some routers alone: for each, whether it leads through a node. */
  readonly viaRouters: (id: number, route: string) => ((router: number) => boolean)[]
  readonly usesExitNode: (id: number, exitNode: number) => boolean
  /** What is no matter of policy changed in a node: all who see it are affected. */
  readonly touch: (id: number) => void
  /** Ids of nodes whose rules, peers or relays may be others since this was called last, ascending. */
  readonly takeAffected: () => number[]
  /** How many addresses all lists of sources have together: each list is held once, whoever holds rules with it. */
  readonly listedAddresses: () => number
  /** For the index that follows under another policy: lists that say the same stay the same objects. */
  readonly lists: () => ReadonlyMap<string, readonly string[]>
}

export type IndexOptions = {
  /** Companion rules of relays name the relays that are up (`up`), or all that the grant is for. */
  readonly companions?: 'up' | 'all'
  readonly lists?: ReadonlyMap<string, readonly string[]>
}

const plainStanding: Standing = { isShown: true, isUp: false, isDoubtful: false }

export function createPolicyIndex(compiled: CompiledPolicy, { companions = 'up', lists: earlier = new Map() }: IndexOptions = {}): PolicyIndex {
  const links = linksOf(compiled)
  const order = new AddressOrder()
  /** Bounded, all: nodes of the network. */
  const members = new Map<number, Member>()
  const profiles = new Map<string, Profile>()
  const slots: (Profile | undefined)[] = []
  const free: number[] = []
  const up = new Map<number, Member>()
  /** By what decides them. Bounded: twice the profiles. */
  const plans = new Map<string, Plan>()
  const affected = new BitSet()
  const alone = new Set<number>()
  /** Nobody was told anything yet: all are affected. */
  let isFresh = true
  const profileAt = (slot: number): Profile | undefined => slots[slot]
  const persons = new Persons(order)
  const routes = new CountedRoutes(order)
  const roster = new Roster(members)
  const sight = new Sight({ links, persons, profileAt })
  const serving = new Serving(links, profileAt)
  const lists = new Lists({ order, earlier, profileAt, routes: () => routes.entries() })
  const targets = new RelayTargets({ compiled, links, order, up })
  const routeUse = new RouteUse(compiled, links)
  const parts: PlanParts = {
    compiled, links,
    ofSide: (side) => lists.source(side),
    ofPerson: (owner, side) => persons.source(owner, side),
    relaysOf: (link, owner) => (companions === 'up' ? targets.source(link, owner) : owner === undefined ? lists.source(link.dst) : persons.source(owner, undefined)),
  }

  function profileFor(node: PolicyNode, addresses: Member['addresses']): Profile {
    const { key, make } = traitsOf(compiled, links, node, addresses)
    const known = profiles.get(key)
    if (known !== undefined) return known
    const slot = free.pop() ?? slots.length
    const profile: Profile = { ...make(), slot, members: new Map() }
    slots[slot] = profile
    roster.makeRoom(slot)
    profiles.set(profile.key, profile)
    for (const side of profile.sides) side.profiles.add(slot)
    for (const link of links.via) if (isRouterFor(compiled, link.grant, profile)) link.routers.add(slot)
    persons.add(profile)
    sight.add(profile)
    serving.add(profile)
    return profile
  }

  function dropProfile(profile: Profile): void {
    const { slot } = profile
    sight.remove(profile)
    serving.remove(profile)
    for (const side of profile.sides) side.profiles.delete(slot)
    for (const link of links.via) link.routers.delete(slot)
    persons.remove(profile)
    profiles.delete(profile.key)
    affected.delete(slot)
    slots[slot] = undefined
    free.push(slot)
  }

  /** Lists with this node in them are others, and so are the rules of all who hold them. */
  function changeLists(member: Member, isThere: boolean): void {
    const { profile, entries } = member
    if (!isFresh || !lists.isEmpty()) {
      for (const side of profile.sides) {
        if (!isOneOf(profile, side)) continue
        lists.change(side, entries, isThere)
        touch(side)
      }
    }
    persons.changed(profile)
    for (const { slot } of persons.profilesWith(profile)) affected.add(slot)
  }

  /** All who hold rules with the addresses of this side. */
  function touch(side: Side): void {
    if (side.hasAny || side.isEverywhere) return
    holders(side)
  }

  function holders(side: Side): void {
    if (isFresh) return
    for (const { dst, routers, grant } of side.asSource) affected.addAll(grant.via.length === 0 ? dst.profiles : routers)
    if (side.asSource.length > 0) for (const profile of exits()) affected.add(profile.slot)
    for (const { src, givesDrive, givesRelay } of side.asDestination) if (givesDrive || (givesRelay && companions === 'all')) affected.addAll(src.profiles)
  }

  function* exits(): Generator<Profile> {
    for (const profile of exitProfiles) if (profile.members.size > 0) yield profile
  }
  /** Bounded: exit nodes of the network. */
  const exitProfiles = new Set<Profile>()

  /** Relays that a client is told of may be others. */
  function changeRelay(relay: Member): void {
    for (const link of relayLinksTo(links, relay.profile)) affected.addAll(link.src.profiles)
    targets.changed()
  }

  function changeRoutes(node: PolicyNode, isThere: boolean): void {
    if (!routes.change(node, isThere)) return
    for (const side of links.sides) {
      if (!side.hasAny || side.isEverywhere) continue
      lists.drop(side)
      holders(side)
    }
  }

  function take(member: Member): void {
    const { node, profile, standing } = member
    profile.members.set(node.id, member)
    members.set(node.id, member)
    if (profile.exit) exitProfiles.add(profile)
    if (standing.isShown) {
      roster.count(profile, 1)
      changeLists(member, true)
      changeRoutes(node, true)
      if (!isFresh) affected.addAll(sight.peersOf(profile))
      if (standing.isUp) {
        up.set(node.id, member)
        changeRelay(member)
      }
    }
    alone.add(node.id)
  }

  /** `stays`: a profile that is needed, though it may have no node for a moment. */
  function leave(member: Member, stays?: Profile): void {
    const { node, profile, standing } = member
    profile.members.delete(node.id)
    members.delete(node.id)
    if (standing.isShown) {
      roster.count(profile, -1)
      changeLists(member, false)
      changeRoutes(node, false)
      if (!isFresh) affected.addAll(sight.peersOf(profile))
      if (standing.isUp) {
        up.delete(node.id)
        changeRelay(member)
      }
    }
    for (const entry of member.entries) order.release(entry)
    if (profile.members.size > 0 || profile === stays) return
    exitProfiles.delete(profile)
    dropProfile(profile)
  }

  function upsert(node: PolicyNode, standing: Standing = plainStanding): void {
    const before = members.get(node.id)
    const isSame = before !== undefined && isSameToPolicy(before.node, node)
    if (isSame && before.node === node && isSameStanding(before.standing, standing)) return
    const addresses = isSame ? before.addresses : addressesOf(node)
    const profile = isSame ? before.profile : profileFor(node, addresses)
    if (isSame && isSameStanding(before.standing, standing)) {
      // Nothing that rules say changed: it is only another object.
      const member: Member = { ...before, node }
      profile.members.set(node.id, member)
      members.set(node.id, member)
      if (up.has(node.id)) up.set(node.id, member)
      return
    }
    // First, so that addresses and a profile that stay are not let go of.
    const member: Member = { node, profile, addresses, standing, entries: addresses.map((address) => order.takeAddress(address)) }
    if (before !== undefined) {
      if (before.profile === profile && same(before.node.addresses, node.addresses)) member.made = before.made
      leave(before, profile)
    }
    take(member)
    roster.put(member)
  }

  function remove(id: number): void {
    const member = members.get(id)
    if (member === undefined) return
    leave(member)
    alone.delete(id)
    roster.drop(id)
  }

  function listedIn(side: Side): number {
    if (side.isEverywhere) return 1
    if (side.hasAny) return side.literals.length + routes.size
    let listed = side.literals.length
    for (const slot of side.profiles) {
      const profile = slots[slot]
      if (profile !== undefined && isOneOf(profile, side)) listed += profile.members.size * profile.families.length
    }
    return listed
  }

  function rules(member: Member): readonly FilterRule[] {
    member.profile.plan ??= planFor(member.profile)
    return rulesOf(member, member.profile.plan)
  }

  function planFor(profile: Profile): Plan {
    const known = plans.get(profile.planKey)
    if (known !== undefined) return known
    if (plans.size > 2 * profiles.size + 100) plans.clear()
    const plan = planOf(parts, profile)
    plans.set(profile.planKey, plan)
    return plan
  }

  return {
    compiled, upsert, remove,
    node: (id) => members.get(id)?.node,
    rules(id) {
      const member = members.get(id)
      return member === undefined ? [] : rules(member)
    },
    rulesFor(node) {
      const addresses = addressesOf(node)
      const profile: Profile = { ...traitsOf(compiled, links, node, addresses).make(), slot: -1, members: new Map() }
      const entries = addresses.map((address) => order.takeAddress(address))
      const found = rulesOf({ node, profile, addresses, entries, standing: plainStanding }, planOf(parts, profile))
      for (const entry of entries) order.release(entry)
      return found
    },
    peers(id) {
      const member = members.get(id)
      return member === undefined ? [] : roster.idsIn(sight.peersOf(member.profile), id)
    },
    peerCount(id) {
      const member = members.get(id)
      if (member === undefined) return 0
      const { profile, standing } = member
      const peers = sight.peersOf(profile)
      return roster.countFor(profile, peers) - (standing.isShown && peers.has(profile.slot) ? 1 : 0)
    },
    seeEachOther(a, b) {
      const [one, other] = [members.get(a), members.get(b)]
      return one !== undefined && other !== undefined && one !== other && sight.peersOf(one.profile).has(other.profile.slot)
    },
    relays(id) {
      const member = members.get(id)
      return member === undefined ? [] : targets.relays(member)
    },
    serves(id) {
      const member = members.get(id)
      return member === undefined ? [] : roster.idsIn(serving.of(member.profile), id)
    },
    isRelay(id) {
      const member = members.get(id)
      return member !== undefined && !serving.of(member.profile).isEmpty()
    },
    profile: (id) => members.get(id)?.profile,
    peersOfProfile(id) {
      const member = members.get(id)
      return member === undefined ? [] : roster.sharedIds(sight.peersOf(member.profile))
    },
    profileSees(id, other) {
      const [viewer, peer] = [members.get(id), members.get(other)]
      return viewer !== undefined && peer?.standing.isShown === true && sight.peersOf(viewer.profile).has(peer.profile.slot)
    },
    servedByProfile(id) {
      const member = members.get(id)
      return member === undefined ? [] : roster.idsIn(serving.of(member.profile), undefined)
    },
    usesRoute(id, route) {
      const member = members.get(id)
      return member !== undefined && routeUse.uses(member.profile, route)
    },
    viaRouters(id, route) {
      const member = members.get(id)
      const found = member === undefined ? [] : routeUse.via(member.profile, route)
      return found.map(({ grant }) => (router) => {
        const profile = members.get(router)?.profile
        return profile !== undefined && hitBitsOf(profile, grant.via) !== 0
      })
    },
    usesExitNode(id, exitNode) {
      const [viewer, exit] = [members.get(id), members.get(exitNode)]
      return viewer !== undefined && exit !== undefined && routeUse.usesExit(viewer.profile, exit)
    },
    touch(id) {
      const member = members.get(id)
      if (member === undefined || isFresh) return
      alone.add(id)
      if (member.standing.isShown) affected.addAll(sight.peersOf(member.profile))
    },
    takeAffected() {
      const isAll = isFresh
      isFresh = false
      const found = roster.idsWhere((id, slot) => isAll || affected.has(slot) || alone.has(id))
      affected.clear()
      alone.clear()
      return found
    },
    listedAddresses: () => links.sides.reduce((sum, side) => sum + (side.asSource.length > 0 ? listedIn(side) : 0), 0),
    lists: () => lists.byKey(),
  }
}

function isSameStanding(a: Standing, b: Standing): boolean {
  return a.isShown === b.isShown && a.isUp === b.isUp && a.isDoubtful === b.isDoubtful
}

function isSameToPolicy(a: PolicyNode, b: PolicyNode): boolean {
  return a === b || (a.owner === b.owner && a.ownerRole === b.ownerRole && same(a.addresses, b.addresses) && same(a.tags, b.tags) && same(a.routes ?? [], b.routes ?? []))
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a === b || (a.length === b.length && a.every((item, i) => item === b[i]))
}
