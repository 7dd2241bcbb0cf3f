import type { CompiledPolicy } from '../compile.ts'
import type { AddressOrder, Entry } from './address-order.ts'
import { sameOr } from './lists.ts'
import type { Source } from './plan.ts'
import { hitBitsOf, type Member, type Profile } from './profile.ts'
import type { Link, Links } from './sides.ts'

export type RelayParts = {
  readonly compiled: CompiledPolicy
  readonly links: Links
  readonly order: AddressOrder
  /** Nodes that relay and that others hear of, by id. */
  readonly up: ReadonlyMap<number, Member>
}

type Ranked = { readonly relay: Member; readonly rank: number }

/**
 * Which of the relays that are up a client is told of: all that it may use, or where grants rank them (`prefer`, spec/policy.md §14)
 * those of the highest rank alone. A relay that may just have gone does not hold back those that follow it.
 */
export class RelayTargets {
  readonly #parts: RelayParts
  /** Of one moment. Bounded: gone with the profile. */
  #candidates = new WeakMap<Profile, readonly Ranked[]>()
  /** Lists by grant's destinations and relays, and as they were a moment before. Bounded: what clients are told of. */
  #lists = new Map<string, readonly string[]>()
  #earlier = new Map<string, readonly string[]>()

  constructor(parts: RelayParts) {
    this.#parts = parts
  }

  /** Who is up, or who may use whom, changed. */
  changed(): void {
    this.#candidates = new WeakMap()
    if (this.#lists.size > 0) this.#earlier = this.#lists
    this.#lists = new Map()
  }

  /** Ids of the relays that a node is told of, ascending. */
  relays(member: Member): readonly number[] {
    return this.#told(member).map(({ node }) => node.id).toSorted((a, b) => a - b)
  }

  /** The addresses by which a companion rule names them. `owner`: of that person's machines alone. */
  source(link: Link, owner: string | undefined): Source {
    const key = `${owner === undefined ? '' : `${owner} `}relays ${link.dst.key}`
    return { key, listFor: (member) => this.#list(key, link, owner, member) }
  }

  #list(key: string, link: Link, owner: string | undefined, member: Member): readonly string[] {
    const { links, order, up } = this.#parts
    const told = links.hasTiers ? this.#told(member) : undefined
    const name = told === undefined ? key : `${key} ${told.map(({ node }) => node.id).join()}`
    const known = this.#lists.get(name)
    if (known !== undefined) return known
    const entries: Entry[] = []
    for (const relay of told ?? up.values()) {
      const bits = owner === undefined ? hitBitsOf(relay.profile, link.grant.dst) : relay.profile.owner === owner ? ~0 : 0
      entries.push(...relay.entries.filter((_, i) => (bits & (1 << i)) !== 0))
    }
    const list = sameOr(this.#earlier.get(name), order.list(entries))
    this.#lists.set(name, list)
    return list
  }

  #told(member: Member): readonly Member[] {
    const all = this.#candidatesOf(member.profile).filter(({ relay }) => relay.node.id !== member.node.id)
    if (!this.#parts.links.hasTiers) return all.map(({ relay }) => relay)
    const sure = all.filter(({ relay }) => !relay.standing.isDoubtful)
    const highest = (sure.length > 0 ? sure : all).reduce((most, { rank }) => Math.max(most, rank), -Infinity)
    return all.filter(({ rank }) => rank >= highest).map(({ relay }) => relay)
  }

  #candidatesOf(client: Profile): readonly Ranked[] {
    const known = this.#candidates.get(client)
    if (known !== undefined) return known
    const { up } = this.#parts
    const mine = relayLinksFrom(client)
    const made = mine.length === 0 ? [] : [...up.values()].flatMap((relay): Ranked[] => {
      const rank = rankOf(mine, client, relay.profile)
      return rank === undefined ? [] : [{ relay, rank }]
    })
    this.#candidates.set(client, made)
    return made
  }
}

/** Grants that let nodes of a profile use some relay. */
export function relayLinksFrom(client: Profile): Link[] {
  const found = new Set<Link>()
  for (const side of client.sides) for (const link of side.asSource) if (link.givesRelay) found.add(link)
  return [...found]
}

/** The highest rank by which a client may use a relay; undefined: it may not. */
export function rankOf(links: readonly Link[], client: Profile, relay: Profile): number | undefined {
  let rank: number | undefined
  for (const link of links) if (lets(link, client, relay) && (rank === undefined || link.prefer > rank)) rank = link.prefer
  return rank
}

/** As `letsUseRelay`, for nodes of two profiles. */
export function lets({ grant, givesRelay }: Link, client: Profile, relay: Profile): boolean {
  if (!givesRelay) return false
  for (const [i, family] of client.families.entries()) {
    const j = relay.families.indexOf(family)
    if (j < 0) continue
    const src = hitBitsOf(client, grant.src)
    if ((src & (1 << i)) !== 0 && (hitBitsOf(relay, grant.dst) & (1 << j)) !== 0) return true
    return grant.self !== undefined && src !== 0 && client.owner !== undefined && client.owner === relay.owner
  }
  return false
}
