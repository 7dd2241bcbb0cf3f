import { driveSharerCapability, type Json, relayTargetCapability } from '../capability.ts'
import type { CompiledGrant, CompiledPolicy } from '../compile.ts'
import type { DstPort } from '../rules.ts'
import { behindPrefixes, type Destinations, type Piece, portDestinations, viaDestinations } from './destinations.ts'
import { hitBitsOf, type Member, type Traits } from './profile.ts'
import type { Link, Links, Side } from './sides.ts'

/** Where the sources of rules come from. The list is the same object for as long as it says the same. */
export type Source = { readonly key: string; readonly listFor: (member: Member) => readonly string[] }

/** Ports, and where on a node they are open. */
export type OpenPorts = Destinations & { readonly ports: DstPort['Ports'] }

/** A rule but for what differs from node to node of a profile: own addresses, and now and then the sources. `isOwn`: it has some of those addresses. */
export type Template = { readonly source: Source; readonly key: string; readonly isOwn: boolean } & (
  | { readonly kind: 'ports'; readonly protocol: number | undefined; readonly open: readonly OpenPorts[] }
  | { readonly kind: 'capability'; readonly own: number; readonly behind: readonly string[]; readonly capMap: CapMap }
)
type CapMap = Readonly<Record<string, readonly Json[] | null>>

/** All rules of a profile's nodes, in the order in which they are sent. */
export type Plan = { readonly templates: readonly Template[] }

/** What plans are made from. */
export type PlanParts = {
  readonly compiled: CompiledPolicy
  readonly links: Links
  readonly ofSide: (side: Side) => Source
  /** Machines of a person that the sources of a grant for themselves hit; without a side: all of them. */
  readonly ofPerson: (owner: string, side: Side | undefined) => Source
  /** Relays of a grant that its clients are told of. */
  readonly relaysOf: (link: Link, owner: string | undefined) => Source
}

export function planOf(parts: PlanParts, profile: Traits): Plan {
  const { compiled, links } = parts
  const ports = new Ports()
  /** By what they say: grants that say the same are one. Bounded: rules of one node. */
  const capabilities = new Map<string, Template>()
  const give = (source: Source, own: number, behind: readonly string[], capMap: CapMap): void => {
    if (own === 0 && behind.length === 0) return
    const key = JSON.stringify([source.key, own, behind, capMap])
    capabilities.set(key, { kind: 'capability', source, own, behind, capMap, key, isOwn: own !== 0 })
  }
  const all = (1 << profile.families.length) - 1

  for (const link of linksTo(links, profile)) {
    const { grant, src } = link
    if (grant.via.length > 0) continue
    ports.open(parts.ofSide(src), grant, portDestinations(compiled, profile, grant.dst))
    if (grant.app.size > 0) give(parts.ofSide(src), hitBitsOf(profile, grant.dst), behindPrefixes(compiled, profile, grant.dst), capMapOf(grant))
  }
  for (const { grant, src } of links.via) {
    if (hitBitsOf(profile, grant.via) !== 0) ports.open(parts.ofSide(src), grant, viaDestinations(compiled, profile, grant.dst))
  }
  for (const link of linksFrom(profile)) {
    const { grant, dst } = link
    const own = hitBitsOf(profile, grant.src)
    if (!link.givesRelay && !link.givesDrive) continue
    // Of `*` no routes: it stands for the network's own addresses here.
    const behind = behindPrefixes(compiled, profile, grant.src)
    if (link.givesRelay) give(parts.relaysOf(link, undefined), own, behind, { [relayTargetCapability]: null })
    if (link.givesDrive) give(parts.ofSide(dst), own, behind, { [driveSharerCapability]: null })
  }
  const { owner } = profile
  for (const link of owner === undefined ? [] : links.self) {
    const { grant, src } = link
    const machines = parts.ofPerson(owner ?? '', src)
    ports.open(machines, grant, { own: all, texts: [], pieces: [] })
    if (grant.app.size > 0) give(machines, all, [], capMapOf(grant))
    if (hitBitsOf(profile, grant.src) === 0) continue
    if (link.givesRelay) give(parts.relaysOf(link, owner), all, [], { [relayTargetCapability]: null })
    if (link.givesDrive) give(parts.ofPerson(owner ?? '', undefined), all, [], { [driveSharerCapability]: null })
  }
  return { templates: [...ports.templates(), ...inOrder([...capabilities.values()])] }
}

/** Grants of which a profile is a destination. An exit node has rules for public addresses of all. */
function linksTo(links: Links, profile: Traits): Set<Link> {
  const found = new Set<Link>()
  for (const side of profile.sides) for (const link of side.asDestination) found.add(link)
  if (profile.exit) for (const link of links.all) if (leadsOut(link)) found.add(link)
  return found
}

function leadsOut({ dst }: Link): boolean {
  return dst.literals.length > 0
}

function linksFrom(profile: Traits): Set<Link> {
  const found = new Set<Link>()
  for (const side of profile.sides) for (const link of side.asSource) if (link.grant.via.length === 0) found.add(link)
  return found
}

/** Of each grant once. Bounded: gone with the grant. */
const capMaps = new WeakMap<CompiledGrant, CapMap>()

function capMapOf(grant: CompiledGrant): CapMap {
  const known = capMaps.get(grant) ?? Object.fromEntries([...grant.app].toSorted(([a], [b]) => (a < b ? -1 : 1)))
  capMaps.set(grant, known)
  return known
}

/** Rules for ports by their sources and protocol (spec/policy.md §7.8): those of several grants are one. */
class Ports {
  /** By sources, then by protocol, `any` for ports without one. Bounded: rules of one node. */
  readonly #rules = new Map<string, { readonly source: Source; readonly open: Map<number, Map<number, Gathered>> }>()

  open(source: Source, { ip }: CompiledGrant, to: Destinations): void {
    if (to.own === 0 && to.texts.length === 0 && to.pieces.length === 0) return
    const rules = this.#rules.get(source.key) ?? { source, open: new Map<number, Map<number, Gathered>>() }
    this.#rules.set(source.key, rules)
    for (const { protocol = any, ports } of ip) {
      const open = rules.open.get(protocol) ?? new Map<number, Gathered>()
      rules.open.set(protocol, open)
      for (const { first, last } of ports) {
        const number = first * 65_536 + last
        const gathered = open.get(number)
        if (gathered === undefined) open.set(number, { first, last, own: to.own, texts: new Set(to.texts), pieces: new Map(to.pieces.map((piece) => [piece.text, piece])) })
        else {
          gathered.own |= to.own
          for (const text of to.texts) gathered.texts.add(text)
          for (const piece of to.pieces) gathered.pieces.set(piece.text, piece)
        }
      }
    }
  }

  templates(): Template[] {
    /** Equal ports at equal places are one: rules that open the same share it. Bounded: rules of one node. */
    const known = new Map<string, OpenPorts>()
    const once = ({ first, last, own, texts, pieces }: Gathered): OpenPorts => {
      const made = { ports: { First: first, Last: last }, own, texts: [...texts].sort(), pieces: [...pieces.values()].filter(({ text }) => !texts.has(text)) }
      const key = `${first} ${last} ${own} ${made.texts.join()} ${made.pieces.map(({ text }) => text).join()}`
      const shared = known.get(key) ?? made
      known.set(key, shared)
      return shared
    }
    return inOrder([...this.#rules].flatMap(([key, { source, open }]) => [...open].map(([protocol, gathered]): Template => ({
      kind: 'ports', source, protocol: protocol === any ? undefined : protocol, key: `${key} ${protocol === any ? '' : protocol}`,
      isOwn: [...gathered.values()].some(({ own, pieces }) => own !== 0 || pieces.size > 0),
      open: [...gathered.values()].sort((a, b) => a.first - b.first || a.last - b.last).map(once),
    }))))
  }
}

const any = -1

type Gathered = { readonly first: number; readonly last: number; own: number; readonly texts: Set<string>; readonly pieces: Map<string, Piece> }

function inOrder(templates: readonly Template[]): Template[] {
  return templates.toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}
