import { BitSet } from './bit-set.ts'
import type { Profile } from './profile.ts'
import { lets, relayLinksFrom } from './relay-targets.ts'
import type { Link, Links } from './sides.ts'

/** Which profiles may use the nodes of which as relays. */
export class Serving {
  readonly #links: Links
  readonly #profileAt: (slot: number) => Profile | undefined
  /** Those that may serve somebody, as far as that was asked. Bounded: profiles. */
  readonly #relays = new Set<Profile>()

  constructor(links: Links, profileAt: (slot: number) => Profile | undefined) {
    this.#links = links
    this.#profileAt = profileAt
  }

  of(relay: Profile): BitSet {
    if (relay.serves !== undefined) return relay.serves
    const serves = new BitSet()
    relay.serves = serves
    const grants = relayLinksTo(this.#links, relay)
    if (grants.size > 0) this.#relays.add(relay)
    for (const link of grants) for (const slot of link.src.profiles) {
      const client = this.#profileAt(slot)
      if (client !== undefined && lets(link, client, relay)) serves.add(slot)
    }
    return serves
  }

  add(client: Profile): void {
    for (const relay of this.#relays) if (mayServe(relay, client)) relay.serves?.add(client.slot)
  }

  remove(profile: Profile): void {
    this.#relays.delete(profile)
    for (const relay of this.#relays) relay.serves?.delete(profile.slot)
  }
}

function mayServe(relay: Profile, client: Profile): boolean {
  return relayLinksFrom(client).some((link) => lets(link, client, relay))
}

/** Grants that let somebody use nodes of a profile as relays. */
export function relayLinksTo(links: Links, relay: Profile): Set<Link> {
  const found = new Set<Link>()
  for (const side of relay.sides) for (const link of side.asDestination) if (link.givesRelay) found.add(link)
  if (relay.owner !== undefined) for (const link of links.self) if (link.givesRelay) found.add(link)
  return found
}
