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
  /** Bounded: sides of the policy. */
  readonly #made = new Map<Side, Made>()
  readonly #parts: ListParts
  #isEmpty = true

  constructor(parts: ListParts) {
    this.#parts = parts
  }

  source(side: Side): Source {
    return this.#of(side).source
  }

  /** By side, of those that were asked for. */
  byKey(): Map<string, readonly string[]> {
    return new Map([...this.#made].flatMap(([{ key }, { list }]) => (list === undefined ? [] : [[key, list]])))
  }

  /** Nobody asked for any yet. */
  isEmpty(): boolean {
    return this.#isEmpty
  }

  /** A node came to a side, or left it. */
  change(side: Side, entries: readonly Entry[], isThere: boolean): void {
    const made = this.#made.get(side)
    if (made?.list === undefined || side.hasAny || side.isEverywhere) return
    const kept = isThere ? undefined : new Set(made.literals)
    const { order } = this.#parts
    made.list = entries.reduce((now, entry) => (isThere ? order.insert(now, entry) : kept?.has(entry) === true ? now : order.omit(now, entry)), made.list)
  }

  /** It is made anew when it is asked for next. */
  drop(side: Side): void {
    const made = this.#made.get(side)
    if (made?.list === undefined) return
    made.stale = made.list
    made.list = undefined
  }

  #of(side: Side): Made {
    const known = this.#made.get(side)
    if (known !== undefined) return known
    const made: Made = { source: { key: side.key, listFor: () => made.list ?? this.#fill(side, made) } }
    this.#made.set(side, made)
    return made
  }

  #fill(side: Side, made: Made): readonly string[] {
    this.#isEmpty = false
    made.literals ??= [...side.literals, ...(side.hasAny ? wholeNetwork : [])].map((text) => this.#parts.order.take(text))
    const list = sameOr(made.stale ?? this.#parts.earlier.get(side.key), this.#make(side, made.literals))
    made.list = list
    made.stale = undefined
    return list
  }

  #make(side: Side, literals: readonly Entry[]): readonly string[] {
    if (side.isEverywhere) return everywhere
    const { order, profileAt, routes } = this.#parts
    const entries: Entry[] = [...literals]
    // Beside `*` the addresses of single nodes say nothing new.
    if (side.hasAny) entries.push(...routes())
    else if (side.identities.size > 0) {
      for (const slot of side.profiles) {
        const profile = profileAt(slot)
        if (profile === undefined || !isOneOf(profile, side)) continue
        for (const { standing, entries: own } of profile.members.values()) if (standing.isShown) for (const entry of own) entries.push(entry)
      }
    }
    return order.list(entries)
  }
}

/** The list of a side, as far as it was asked for. `stale`: as it was before something changed that decides it as a whole. */
type Made = { readonly source: Source; literals?: readonly Entry[]; list?: readonly string[] | undefined; stale?: readonly string[] | undefined }

/** Whether a side has all addresses of a profile's nodes, and not only what its literals say. */
export function isOneOf({ hits }: Profile, side: Side): boolean {
  if (side.isPure) return true
  for (const selector of side.identities) if (hits.has(selector)) return true
  return false
}

export function sameOr(before: readonly string[] | undefined, list: readonly string[]): readonly string[] {
  return before !== undefined && before.length === list.length && before.every((text, i) => text === list[i]) ? before : list
}
