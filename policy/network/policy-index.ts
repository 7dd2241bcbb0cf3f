import { formatRange } from '../address.ts'
import type { CompiledPolicy } from '../compile.ts'
import type { PolicyNode } from '../model.ts'
import { isExitRoute, subnetRange } from '../route.ts'
import type { FilterRule } from '../rules.ts'
import { addressesOf } from '../subject.ts'
import { AddressOrder, type Entry } from './address-order.ts'
import { BitSet } from './bit-set.ts'
import { rulesOf } from './instantiate.ts'
import { isOneOf, Lists, sameOr } from './lists.ts'
import { type Plan, planOf, type PlanParts, type Source } from './plan.ts'
import { hitBitsOf, isRouterFor, type Member, type Profile, type Standing, traitsOf } from './profile.ts'
import { RouteUse } from './route-use.ts'
import { lets, relayLinksFrom, RelayTargets } from './relay-targets.ts'
import { type Link, linksOf, type Side } from './sides.ts'

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
  const people = new Map<string, Person>()
  /** Shown subnet routes by text, each as often as it is routed. Bounded: routes of the network. */
  const routes = new Map<string, { readonly entry: Entry; count: number }>()
  /** By what decides them. Bounded: twice the profiles. */
  const plans = new Map<string, Plan>()
  /** How many nodes that others hear of are in each profile, by slot. */
  let shown = new Uint32Array(64)
  /** By selector, of one moment: while no profile comes or goes. Bounded: selectors of the policy. */
  const seenThrough = new Map<number, BitSet>()
  /** How many nodes a profile sees, of one moment. Bounded: profiles. */
  const counts = new Map<Profile, number>()
  /** Ids by the profiles that they are of, of one moment. Bounded: profiles. */
  const idLists = new Map<string, readonly number[]>()
  const affected = new BitSet()
  const alone = new Set<number>()
  /** Those that may serve somebody, as far as that was asked. Bounded as above. */
  const relayProfiles = new Set<Profile>()
  /** Whom somebody sees was asked: it is kept up to date from then on. */
  let isAsked = false
  /** Nobody was told anything yet: all are affected. */
  let isFresh = true
  /** Ids ascending, and beside each the slot of its profile as `slotOf` has it: looked through for every list of peers. */
  let sorted: { readonly ids: number[]; readonly slots: number[] } | undefined

  const lists = new Lists({ order, earlier, profileAt: (slot) => slots[slot], routes: () => [...routes.values()].map(({ entry }) => entry) })
  const targets = new RelayTargets({ compiled, links, order, up })
  const routeUse = new RouteUse(compiled, links)
  const parts: PlanParts = {
    compiled, links,
    ofSide: (side) => lists.source(side),
    ofPerson: (owner, side) => personSource(owner, side),
    relaysOf: (link, owner) => (companions === 'up' ? targets.source(link, owner) : owner === undefined ? lists.source(link.dst) : personSource(owner, undefined)),
  }

  function personSource(owner: string, side: Side | undefined): Source {
    const key = `${owner} ${side === undefined ? 'all' : `of ${side.key}`}`
    return {
      key,
      listFor() {
        const person = people.get(owner)
        return person === undefined ? [] : machinesOf(person, side)
      },
    }
  }

  /** Machines of a person that a side selects. */
  function machinesOf(person: Person, side: Side | undefined): readonly string[] {
    const known = person.lists.get(side)
    if (known !== undefined) return known
    const entries: Entry[] = []
    for (const profile of person.profiles) {
      if (side !== undefined && !side.selectors.some((selector) => profile.hits.has(selector))) continue
      for (const member of profile.members.values()) if (member.standing.isShown) entries.push(...member.entries)
    }
    const list = sameOr(person.earlier.get(side), order.list(entries))
    person.lists.set(side, list)
    return list
  }

  function profileFor(node: PolicyNode, addresses: Member['addresses']): Profile {
    const { key, make } = traitsOf(compiled, links, node, addresses)
    const known = profiles.get(key)
    if (known !== undefined) return known
    const slot = free.pop() ?? slots.length
    const profile: Profile = { ...make(), slot, members: new Map() }
    slots[slot] = profile
    if (slot >= shown.length) {
      const grown = new Uint32Array(2 * shown.length)
      grown.set(shown)
      shown = grown
    }
    profiles.set(profile.key, profile)
    for (const side of profile.sides) side.profiles.add(slot)
    seenThrough.clear()
    for (const link of links.via) if (isRouterFor(compiled, link.grant, profile)) link.routers.add(slot)
    if (profile.owner !== undefined) {
      const person = people.get(profile.owner) ?? { profiles: new Set(), lists: new Map(), earlier: new Map() }
      people.set(profile.owner, person)
      person.profiles.add(profile)
    }
    // Both see each other, or neither.
    if (isAsked) for (const other of peersOf(profile)) slots[other]?.peers?.add(slot)
    for (const relay of relayProfiles) if (mayServe(relay, profile)) relay.serves?.add(slot)
    return profile
  }

  function dropProfile(profile: Profile): void {
    const { slot } = profile
    if (isAsked) for (const other of peersOf(profile)) slots[other]?.peers?.delete(slot)
    relayProfiles.delete(profile)
    for (const relay of relayProfiles) relay.serves?.delete(slot)
    for (const side of profile.sides) side.profiles.delete(slot)
    seenThrough.clear()
    for (const link of links.via) link.routers.delete(slot)
    if (profile.owner !== undefined) {
      const person = people.get(profile.owner)
      person?.profiles.delete(profile)
      if (person?.profiles.size === 0) people.delete(profile.owner)
    }
    profiles.delete(profile.key)
    affected.delete(slot)
    slots[slot] = undefined
    free.push(slot)
  }

  function peersOf(profile: Profile): BitSet {
    if (profile.peers !== undefined) return profile.peers
    isAsked = true
    const peers = new BitSet()
    for (const selector of profile.hits.keys()) peers.addAll(peersThrough(selector))
    for (const selector of profile.behind) peers.addAll(peersThrough(selector))
    for (const { src, routers } of links.via) if (routers.has(profile.slot)) peers.addAll(src.profiles)
    const person = profile.owner === undefined ? undefined : people.get(profile.owner)
    if (person !== undefined) {
      const isMine = mayReachOwn(profile)
      for (const other of person.profiles) if (isMine || mayReachOwn(other)) peers.add(other.slot)
    }
    profile.peers = peers
    return peers
  }

  /** Profiles at the other ends of all grants that name a selector. */
  function peersThrough(selector: number): BitSet {
    const known = seenThrough.get(selector)
    if (known !== undefined) return known
    const bits = new BitSet()
    const sets = new Set((links.ofSelector[selector] ?? []).flatMap(({ others }) => [...others]))
    for (const set of sets) bits.addAll(set)
    seenThrough.set(selector, bits)
    return bits
  }

  function mayReachOwn(profile: Profile): boolean {
    return links.self.some(({ grant }) => hitBitsOf(profile, grant.src) !== 0)
  }

  function servesOf(relay: Profile): BitSet {
    if (relay.serves !== undefined) return relay.serves
    const serves = new BitSet()
    relay.serves = serves
    const grants = relayLinksTo(relay)
    if (grants.size > 0) relayProfiles.add(relay)
    for (const link of grants) for (const slot of link.src.profiles) {
      const client = slots[slot]
      if (client !== undefined && lets(link, client, relay)) serves.add(slot)
    }
    return serves
  }

  function mayServe(relay: Profile, client: Profile): boolean {
    return relayLinksFrom(client).some((link) => lets(link, client, relay))
  }

  function relayLinksTo(relay: Profile): Set<Link> {
    const found = new Set<Link>()
    for (const side of relay.sides) for (const link of side.asDestination) if (link.givesRelay) found.add(link)
    if (relay.owner !== undefined) for (const link of links.self) if (link.givesRelay) found.add(link)
    return found
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
    const person = profile.owner === undefined ? undefined : people.get(profile.owner)
    if (person !== undefined) {
      for (const [side, list] of person.lists) person.earlier.set(side, list)
      person.lists.clear()
      for (const { slot } of person.profiles) affected.add(slot)
    }
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
    for (const link of relayLinksTo(relay.profile)) affected.addAll(link.src.profiles)
    targets.changed()
  }

  function changeRoutes(node: PolicyNode, isThere: boolean): void {
    let isOther = false
    for (const text of node.routes ?? []) {
      const range = isExitRoute(text) ? undefined : subnetRange(text)
      if (range === undefined) continue
      const known = routes.get(text)
      if (isThere && known !== undefined) known.count++
      else if (isThere) {
        routes.set(text, { entry: order.take(formatRange(range)), count: 1 })
        isOther = true
      } else if (known !== undefined && --known.count === 0) {
        order.release(known.entry)
        routes.delete(text)
        isOther = true
      }
    }
    if (!isOther) return
    for (const side of links.sides) {
      if (!side.hasAny || side.isEverywhere) continue
      lists.drop(side)
      holders(side)
    }
  }

  function forgetCounted(): void {
    counts.clear()
    idLists.clear()
  }

  function take(member: Member): void {
    const { node, profile, standing } = member
    profile.members.set(node.id, member)
    members.set(node.id, member)
    if (profile.exit) exitProfiles.add(profile)
    if (standing.isShown) {
      shown[profile.slot] = (shown[profile.slot] ?? 0) + 1
      forgetCounted()
      changeLists(member, true)
      changeRoutes(node, true)
      if (!isFresh) affected.addAll(peersOf(profile))
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
      shown[profile.slot] = (shown[profile.slot] ?? 1) - 1
      forgetCounted()
      changeLists(member, false)
      changeRoutes(node, false)
      if (!isFresh) affected.addAll(peersOf(profile))
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
    if (sorted === undefined) return
    const at = placeOf(sorted.ids, node.id)
    const isThere = sorted.ids[at] === node.id
    if (!isThere) sorted.ids.splice(at, 0, node.id)
    sorted.slots.splice(at, isThere ? 1 : 0, slotOf(member))
  }

  function remove(id: number): void {
    const member = members.get(id)
    if (member === undefined) return
    leave(member)
    alone.delete(id)
    if (sorted === undefined) return
    const at = placeOf(sorted.ids, id)
    sorted.ids.splice(at, 1)
    sorted.slots.splice(at, 1)
  }

  function inOrder(): NonNullable<typeof sorted> {
    if (sorted !== undefined) return sorted
    const all = [...members.values()].sort((a, b) => a.node.id - b.node.id)
    sorted = { ids: all.map(({ node }) => node.id), slots: all.map(slotOf) }
    return sorted
  }

  function idsIn(bits: BitSet, but: number | undefined): number[] {
    const { ids, slots: at } = inOrder()
    const found: number[] = []
    for (let i = 0; i < ids.length; i++) {
      const slot = at[i] ?? -1
      const id = ids[i] ?? 0
      if (slot >= 0 && bits.has(slot) && id !== but) found.push(id)
    }
    return found
  }

  function sharedIds(peers: BitSet): readonly number[] {
    const key = peers.key()
    const known = idLists.get(key) ?? idsIn(peers, undefined)
    idLists.set(key, known)
    return known
  }

  function countIn(profile: Profile, peers: BitSet): number {
    const known = counts.get(profile)
    if (known !== undefined) return known
    const count = peers.sum(shown)
    counts.set(profile, count)
    return count
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
      return member === undefined ? [] : idsIn(peersOf(member.profile), id)
    },
    peerCount(id) {
      const member = members.get(id)
      if (member === undefined) return 0
      const { profile, standing } = member
      const peers = peersOf(profile)
      return countIn(profile, peers) - (standing.isShown && peers.has(profile.slot) ? 1 : 0)
    },
    seeEachOther(a, b) {
      const [one, other] = [members.get(a), members.get(b)]
      return one !== undefined && other !== undefined && one !== other && peersOf(one.profile).has(other.profile.slot)
    },
    relays(id) {
      const member = members.get(id)
      return member === undefined ? [] : targets.relays(member)
    },
    serves(id) {
      const member = members.get(id)
      return member === undefined ? [] : idsIn(servesOf(member.profile), id)
    },
    isRelay(id) {
      const member = members.get(id)
      return member !== undefined && !servesOf(member.profile).isEmpty()
    },
    profile: (id) => members.get(id)?.profile,
    peersOfProfile(id) {
      const member = members.get(id)
      return member === undefined ? [] : sharedIds(peersOf(member.profile))
    },
    profileSees(id, other) {
      const [viewer, peer] = [members.get(id), members.get(other)]
      return viewer !== undefined && peer?.standing.isShown === true && peersOf(viewer.profile).has(peer.profile.slot)
    },
    servedByProfile(id) {
      const member = members.get(id)
      return member === undefined ? [] : idsIn(servesOf(member.profile), undefined)
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
      if (member.standing.isShown) affected.addAll(peersOf(member.profile))
    },
    takeAffected() {
      const isAll = isFresh
      isFresh = false
      const { ids, slots: at } = inOrder()
      const found = ids.filter((id, i) => isAll || affected.has(slotIn(at[i] ?? 0)) || alone.has(id))
      affected.clear()
      alone.clear()
      return found
    },
    listedAddresses: () => links.sides.reduce((sum, side) => sum + (side.asSource.length > 0 ? listedIn(side) : 0), 0),
    lists: () => lists.byKey(),
  }
}

/** A person with `autogroup:self`: their untagged machines. */
type Person = {
  readonly profiles: Set<Profile>
  /** By the sources of a grant; undefined: all machines. Bounded: grants for oneself. */
  readonly lists: Map<Side | undefined, readonly string[]>
  readonly earlier: Map<Side | undefined, readonly string[]>
}

/** The slot of its profile; below zero where others do not hear of it. */
const slotOf = ({ profile, standing }: Member): number => (standing.isShown ? profile.slot : ~profile.slot)
const slotIn = (slot: number): number => (slot < 0 ? ~slot : slot)

/** Where an id is, or would be. */
function placeOf(ids: readonly number[], id: number): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ids[middle] ?? 0) < id) low = middle + 1
    else high = middle
  }
  return low
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
