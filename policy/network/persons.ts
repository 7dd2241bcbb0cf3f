import type { AddressOrder, Entry } from './address-order.ts'
import { sameOr } from './lists.ts'
import type { Source } from './plan.ts'
import type { Profile } from './profile.ts'
import type { Side } from './sides.ts'

/** A person with `autogroup:self`: their untagged machines. */
type Person = {
  readonly profiles: Set<Profile>
  /** By the sources of a grant; undefined: all machines. Bounded: grants for oneself. */
  readonly lists: Map<Side | undefined, readonly string[]>
  readonly earlier: Map<Side | undefined, readonly string[]>
}

const nobody: ReadonlySet<Profile> = new Set()

/** Whose machines are whose, and their addresses: for rules among the machines of one person. */
export class Persons {
  readonly #order: AddressOrder
  /** Bounded: owners of nodes. */
  readonly #people = new Map<string, Person>()

  constructor(order: AddressOrder) {
    this.#order = order
  }

  add(profile: Profile): void {
    if (profile.owner === undefined) return
    const person = this.#people.get(profile.owner) ?? { profiles: new Set(), lists: new Map(), earlier: new Map() }
    this.#people.set(profile.owner, person)
    person.profiles.add(profile)
  }

  remove(profile: Profile): void {
    if (profile.owner === undefined) return
    const person = this.#people.get(profile.owner)
    person?.profiles.delete(profile)
    if (person?.profiles.size === 0) this.#people.delete(profile.owner)
  }

  /** Profiles of the same person, itself among them; none: it is nobody's. */
  profilesWith({ owner }: Profile): ReadonlySet<Profile> {
    return (owner === undefined ? undefined : this.#people.get(owner)?.profiles) ?? nobody
  }

  /** A machine of this profile came or left: lists with it in them are others. */
  changed({ owner }: Profile): void {
    const person = owner === undefined ? undefined : this.#people.get(owner)
    if (person === undefined) return
    for (const [side, list] of person.lists) person.earlier.set(side, list)
    person.lists.clear()
  }

  /** Addresses of a person's machines; `side`: of those that it selects alone. */
  source(owner: string, side: Side | undefined): Source {
    const key = `${owner} ${side === undefined ? 'all' : `of ${side.key}`}`
    return {
      key,
      listFor: () => {
        const person = this.#people.get(owner)
        return person === undefined ? [] : this.#listOf(person, side)
      },
    }
  }

  #listOf(person: Person, side: Side | undefined): readonly string[] {
    const known = person.lists.get(side)
    if (known !== undefined) return known
    const entries: Entry[] = []
    for (const profile of person.profiles) {
      if (side !== undefined && !side.selectors.some((selector) => profile.hits.has(selector))) continue
      for (const member of profile.members.values()) if (member.standing.isShown) entries.push(...member.entries)
    }
    const list = sameOr(person.earlier.get(side), this.#order.list(entries))
    person.lists.set(side, list)
    return list
  }
}
