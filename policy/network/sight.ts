import { BitSet } from './bit-set.ts'
import type { Persons } from './persons.ts'
import { hitBitsOf, type Profile } from './profile.ts'
import type { Links } from './sides.ts'

export type SightParts = {
  readonly links: Links
  readonly persons: Persons
  readonly profileAt: (slot: number) => Profile | undefined
}

/** Which profiles see each other (spec/policy.md §8). */
export class Sight {
  readonly #parts: SightParts
  /** By selector, of one moment: while no profile comes or goes. Bounded: selectors of the policy. */
  readonly #through = new Map<number, BitSet>()
  /** Whom somebody sees was asked: it is kept up to date from then on. */
  #isAsked = false

  constructor(parts: SightParts) {
    this.#parts = parts
  }

  /** A profile that is on its sides by now. */
  add(profile: Profile): void {
    this.#through.clear()
    // Both see each other, or neither.
    if (this.#isAsked) for (const other of this.peersOf(profile)) this.#parts.profileAt(other)?.peers?.add(profile.slot)
  }

  /** A profile that is still on its sides. */
  remove(profile: Profile): void {
    if (this.#isAsked) for (const other of this.peersOf(profile)) this.#parts.profileAt(other)?.peers?.delete(profile.slot)
    this.#through.clear()
  }

  peersOf(profile: Profile): BitSet {
    if (profile.peers !== undefined) return profile.peers
    this.#isAsked = true
    const { links, persons } = this.#parts
    const peers = new BitSet()
    for (const selector of profile.hits.keys()) peers.addAll(this.#peersThrough(selector))
    for (const selector of profile.behind) peers.addAll(this.#peersThrough(selector))
    for (const { src, routers } of links.via) if (routers.has(profile.slot)) peers.addAll(src.profiles)
    const own = persons.profilesWith(profile)
    const isMine = own.size > 0 && this.#mayReachOwn(profile)
    for (const other of own) if (isMine || this.#mayReachOwn(other)) peers.add(other.slot)
    profile.peers = peers
    return peers
  }

  /** Profiles at the other ends of all grants that name a selector. */
  #peersThrough(selector: number): BitSet {
    const known = this.#through.get(selector)
    if (known !== undefined) return known
    const bits = new BitSet()
    const sets = new Set((this.#parts.links.ofSelector[selector] ?? []).flatMap(({ others }) => [...others]))
    for (const set of sets) bits.addAll(set)
    this.#through.set(selector, bits)
    return bits
  }

  #mayReachOwn(profile: Profile): boolean {
    return this.#parts.links.self.some(({ grant }) => hitBitsOf(profile, grant.src) !== 0)
  }
}
