import { wholeNetwork } from '../route.ts'
import type { AddressOrder, Entry } from './address-order.ts'
import type { Profile } from './profile.ts'
import type { Source } from './plan.ts'
import type { Side } from './sides.ts'

const everywhere: readonly string[] = ['*']

/** What the lists are of. */
export type ListParts = {
  readonly order: AddressOrder
  readonly profileAt: (slot: number) => Profile | undefined
  /** Subnet routes of the network's nodes. */
  readonly routes: () => Iterable<Entry>
  /** Lists of an index before, by side. */
  readonly earlier: ReadonlyMap<string, readonly string[]>
}

/** The addresses of sides, made when they are asked for, then changed by what changes. A list that says the same is the same object. */
export class Lists {
  /** Bounded, all: sides of the policy. */
  readonly #made = new Map<Side, readonly string[]>()
  readonly #literals = new Map<Side, readonly Entry[]>()
  readonly #sources = new Map<Side, Source>()
  /** Before something changed that decides them as a whole. */
  readonly #stale = new Map<Side, readonly string[]>()
  readonly #parts: ListParts

  constructor(parts: ListParts) {
    this.#parts = parts
  }

  source(side: Side): Source {
    const known = this.#sources.get(side) ?? { key: side.key, listFor: () => this.list(side) }
    this.#sources.set(side, known)
    return known
  }

  list(side: Side): readonly string[] {
    const known = this.#made.get(side)
    if (known !== undefined) return known
    const list = sameOr(this.#stale.get(side) ?? this.#parts.earlier.get(side.key), this.#make(side))
    this.#made.set(side, list)
    this.#stale.delete(side)
    return list
  }

  /** By side, of those that were asked for. */
  byKey(): Map<string, readonly string[]> {
    return new Map([...this.#made].map(([{ key }, list]) => [key, list]))
  }

  /** Nobody asked for any yet. */
  isEmpty(): boolean {
    return this.#made.size === 0
  }

  /** A node came to a side, or left it. */
  change(side: Side, entries: readonly Entry[], isThere: boolean): void {
    const list = this.#made.get(side)
    if (list === undefined || side.hasAny || side.isEverywhere) return
    const kept = isThere ? undefined : new Set(this.#literalsOf(side))
    const { order } = this.#parts
    this.#made.set(side, entries.reduce((now, entry) => (isThere ? order.insert(now, entry) : kept?.has(entry) === true ? now : order.omit(now, entry)), list))
  }

  /** It is made anew when it is asked for next. */
  drop(side: Side): void {
    const list = this.#made.get(side)
    if (list === undefined) return
    this.#made.delete(side)
    this.#stale.set(side, list)
  }

  #make(side: Side): readonly string[] {
    if (side.isEverywhere) return everywhere
    const { order, profileAt, routes } = this.#parts
    const entries: Entry[] = [...this.#literalsOf(side)]
    // Beside `*` the addresses of single nodes say nothing new.
    if (side.hasAny) entries.push(...routes())
    else if (side.identities.size > 0) {
      for (const slot of side.profiles) {
        const profile = profileAt(slot)
        if (profile === undefined || !isOneOf(profile, side)) continue
        for (const member of profile.members.values()) if (member.standing.isShown) entries.push(...member.entries)
      }
    }
    return order.list(entries)
  }

  #literalsOf(side: Side): readonly Entry[] {
    const known = this.#literals.get(side) ?? [...side.literals, ...(side.hasAny ? wholeNetwork : [])].map((text) => this.#parts.order.take(text))
    this.#literals.set(side, known)
    return known
  }
}

/** Whether a side has all addresses of a profile's nodes, and not only what its literals say. */
export function isOneOf({ hits }: Profile, side: Side): boolean {
  for (const selector of side.identities) if (hits.has(selector)) return true
  return false
}

export function sameOr(before: readonly string[] | undefined, list: readonly string[]): readonly string[] {
  return before !== undefined && before.length === list.length && before.every((text, i) => text === list[i]) ? before : list
}
