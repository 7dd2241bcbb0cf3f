import { type AddressRange, overlaps } from '../address.ts'
import type { CompiledPolicy } from '../compile.ts'
import { inNetwork6, subnetRange } from '../route.ts'
import { hitBitsOf, type Member, type Profile } from './profile.ts'
import type { Link, Links, Side } from './sides.ts'

/** Grants that speak of one subnet route. */
type Speaking = { readonly to: readonly Link[]; readonly from: readonly Link[]; readonly via: readonly Link[] }

/** Who is given which routes (spec/policy.md §9). */
export class RouteUse {
  readonly #compiled: CompiledPolicy
  readonly #links: Links
  readonly #outside: readonly Link[]
  /** By route. Bounded: routes that were asked for, which are those of the network; begun anew beyond `most`. */
  readonly #speaking = new Map<string, Speaking>()

  constructor(compiled: CompiledPolicy, links: Links) {
    this.#compiled = compiled
    this.#links = links
    // A capability alone lets nothing through an exit node's filter.
    this.#outside = links.all.filter(({ grant, dst }) => grant.ip.length > 0 && dst.selectors.some((selector) => {
      const kind = compiled.selectors[selector]?.kind
      return kind === 'any' || kind === 'internet'
    }))
  }

  /** Whether one is given a subnet route of a router that it sees: it may send there, or must answer what comes from there. */
  uses({ slot }: Profile, route: string): boolean {
    const { to, from } = this.#of(route)
    return to.some(({ src }) => src.profiles.has(slot)) || from.some(({ dst }) => dst.profiles.has(slot))
  }

  /** Grants with `via` by which it sends there. */
  via({ slot }: Profile, route: string): Link[] {
    return this.#of(route).via.filter(({ src }) => src.profiles.has(slot))
  }

  /** Whether one is offered an exit node that it sees. */
  usesExit({ slot }: Profile, exitNode: Member): boolean {
    return this.#outside.some(({ grant, src }) => src.profiles.has(slot) && (grant.via.length === 0 || hitBitsOf(exitNode.profile, grant.via) !== 0))
  }

  #of(route: string): Speaking {
    const known = this.#speaking.get(route)
    if (known !== undefined) return known
    if (this.#speaking.size >= most) this.#speaking.clear()
    const made = this.#find(route)
    this.#speaking.set(route, made)
    return made
  }

  #find(route: string): Speaking {
    const range = subnetRange(route)
    if (range === undefined) return { to: [], from: [], via: [] }
    const speaks = (side: Side, isVia = false): boolean => side.selectors.some((selector) =>
      isVia && this.#compiled.selectors[selector]?.kind === 'any' ? inNetwork6(range) : isNamed(this.#compiled, selector, range))
    const plain = this.#links.all.filter(({ grant }) => grant.via.length === 0)
    return { to: plain.filter(({ dst }) => speaks(dst)), from: plain.filter(({ src }) => speaks(src)), via: this.#links.via.filter(({ dst }) => speaks(dst, true)) }
  }
}

/** Whether a selector stands for addresses behind a route. */
function isNamed({ selectors }: CompiledPolicy, selector: number, route: AddressRange): boolean {
  const found = selectors[selector]
  switch (found?.kind) {
    case 'any': case 'danger-all': return true
    case 'range': return overlaps(found.range, route)
    case 'ipset': return found.ranges.some((range) => overlaps(range, route))
    default: return false
  }
}

const most = 10_000
