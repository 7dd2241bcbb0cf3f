import { type Address, type AddressRange, contains, covers, formatAddress, formatRange, overlaps, parseAddress, prefixesOf, prefixLength } from './address.ts'
import { companions, type Json, relayCapability } from './capability.ts'
import { type CompiledGrant, type CompiledPolicy, hitBits, isSelected, type SelectorUse, type Subject } from './compile.ts'
import { publicSpace } from './route.ts'

/** One rule of what may come into a node, in its wire form (spec/coordination.md §5.1): ports or capabilities, never both. */
export type FilterRule = {
  readonly SrcIPs: readonly string[]
  readonly DstPorts?: readonly DstPort[]
  readonly IPProto?: readonly number[]
  readonly CapGrant?: readonly CapGrant[]
}
export type DstPort = { readonly IP: string; readonly Ports: { readonly First: number; readonly Last: number } }
export type CapGrant = { readonly Dsts: readonly string[]; readonly CapMap: Readonly<Record<string, readonly Json[] | null>> }

/** What `*` is as a source: the network's addresses without the part that some clients use inside themselves (spec/policy.md §3.3). */
const wholeNetwork: readonly string[] = ['100.64.0.0-100.115.91.255', '100.115.94.0-100.127.255.255', 'fd7a:115c:a1e0::/48']

/** What the filters of all nodes of one network share; source lists are made once each. */
export type FilterContext = {
  readonly compiled: CompiledPolicy
  /** Addresses of a grant's sources, and of its destinations. */
  readonly sources: (grant: CompiledGrant) => readonly string[]
  readonly destinations: (grant: CompiledGrant) => readonly string[]
  /** Addresses of those of a relay grant's destinations that are up. */
  readonly relaysUp: (grant: CompiledGrant) => readonly string[]
}

/** `subjects` are all nodes that count. The companion rule of a relay grant names only relays for which `isUp` holds. */
export function filterContext(
  compiled: CompiledPolicy, subjects: readonly Subject[], isUp: (nodeId: number) => boolean,
): FilterContext {
  const once = (make: (grant: CompiledGrant) => readonly string[]) => {
    /** Bounded by the grants of the policy. */
    const made = new Map<CompiledGrant, readonly string[]>()
    return (grant: CompiledGrant): readonly string[] => {
      const known = made.get(grant) ?? make(grant)
      made.set(grant, known)
      return known
    }
  }
  return {
    compiled,
    sources: once((grant) => addressesOf(compiled, subjects, grant.src)),
    destinations: once((grant) => addressesOf(compiled, subjects, grant.dst)),
    relaysUp: once((grant) => addressesOfUp(subjects, grant, isUp)),
  }
}

/** The packet filter of one node (spec/policy.md §7), the same whatever the order of grants. */
export function filterFor(context: FilterContext, self: Subject): FilterRule[] {
  const { compiled } = context
  /** Bounded by rules of one node; merges what differs in destinations only (spec/policy.md §7.8). */
  const portRules = new Map<string, { SrcIPs: readonly string[]; IPProto?: readonly number[]; DstPorts: Map<string, DstPort> }>()
  const capRules = new Map<string, FilterRule>()
  const addCapRule = (rule: FilterRule): void => { capRules.set(JSON.stringify(rule), rule) }

  for (const grant of compiled.grants) {
    const asDst = isSelected(self, grant.dst)
    if (asDst || self.exit) {
      const sources = context.sources(grant)
      if (sources.length === 0) continue
      const destinations = grant.ip.length === 0 ? [] : [...destinationsOn(compiled, self, grant.dst)]
      for (const entry of destinations.length === 0 ? [] : grant.ip) {
        const key = `${entry.protocol ?? ''} ${sources.join(' ')}`
        const rule = portRules.get(key) ??
          { SrcIPs: sources, ...(entry.protocol === undefined ? {} : { IPProto: [entry.protocol] }), DstPorts: new Map<string, DstPort>() }
        portRules.set(key, rule)
        for (const ip of destinations) {
          for (const ports of entry.ports) {
            rule.DstPorts.set(`${ip} ${ports.first}-${ports.last}`, { IP: ip, Ports: { First: ports.first, Last: ports.last } })
          }
        }
      }
      if (asDst && grant.app.size > 0) addCapRule({ SrcIPs: sources, CapGrant: [{ Dsts: capabilityDestinations(compiled, self, grant.dst), CapMap: sortedMap(grant.app) }] })
    }
    if (grant.app.size > 0 && isSelected(self, grant.src)) {
      for (const [name, companion] of companions) {
        if (!grant.app.has(name)) continue
        const targets = name === relayCapability ? context.relaysUp(grant) : context.destinations(grant)
        if (targets.length > 0) addCapRule({ SrcIPs: targets, CapGrant: [{ Dsts: capabilityDestinations(compiled, self, grant.src), CapMap: { [companion]: null } }] })
      }
    }
  }
  const ports = [...portRules.values()].map((rule): FilterRule => ({ ...rule, DstPorts: sortedValues(rule.DstPorts) }))
  return [...ports.toSorted((a, b) => compareText(JSON.stringify(a), JSON.stringify(b))), ...sortedValues(capRules)]
}

/**
 * The addresses that selectors stand for: literals as written, of the others every address of each node; `*` is the network's
 * ranges and every approved subnet route (spec/policy.md §3.3).
 */
function addressesOf(compiled: CompiledPolicy, subjects: readonly Subject[], uses: readonly SelectorUse[]): string[] {
  const texts = new Set<string>()
  const identities: number[] = []
  let any = false
  for (const { selector } of uses) {
    const found = compiled.selectors[selector]
    if (found?.kind === 'any') any = true
    else if (found?.kind === 'range') texts.add(formatRange(found.range))
    else identities.push(selector)
  }
  if (any) {
    for (const text of wholeNetwork) texts.add(text)
    // What comes from behind a router is of the network, too.
    for (const { routes } of subjects) for (const route of routes) texts.add(formatRange(route))
  // Beside `*` the addresses of single nodes say nothing new.
  } else {
    for (const subject of subjects) {
      if (identities.some((selector) => subject.hits[selector] !== 0)) for (const address of subject.addresses) texts.add(formatAddress(address))
    }
  }
  return [...texts].toSorted(compareAddressText)
}

function addressesOfUp(subjects: readonly Subject[], grant: CompiledGrant, isUp: (nodeId: number) => boolean): string[] {
  const texts = subjects.filter((subject) => isUp(subject.node.id)).flatMap((subject) => addressesOfBits(subject, hitBits(subject, grant.dst)))
  return [...new Set(texts.map(formatAddress))].toSorted(compareAddressText)
}

/** Destinations of a grant that concern this node, not cut down (spec/policy.md §7.3). */
function destinationsOn(compiled: CompiledPolicy, self: Subject, uses: readonly SelectorUse[]): Set<string> {
  const texts = new Set<string>()
  for (const { selector } of uses) {
    const found = compiled.selectors[selector]
    if (found === undefined) continue
    switch (found.kind) {
      case 'any':
        texts.add('*')
        break
      case 'internet':
        if (self.exit) for (const { text } of publicPrefixes) texts.add(text)
        break
      case 'range':
        for (const { text, range } of prefixesOf(found.range)) if (isHere(self, range) || isRouted(self, range) || isOut(self, range)) texts.add(text)
        break
      default:
        if ((self.hits[selector] ?? 0) !== 0) for (const address of self.addresses) texts.add(formatAddress(address))
    }
  }
  return texts
}

const publicPrefixes = publicSpace.flatMap(prefixesOf)

function isHere(self: Subject, range: AddressRange): boolean {
  return self.addresses.some((address) => contains(range, address))
}

function isRouted(self: Subject, range: AddressRange): boolean {
  return self.routes.some((route) => overlaps(route, range))
}

/** An exit node forwards to it, whoever may use it as one. */
function isOut(self: Subject, range: AddressRange): boolean {
  return self.exit && publicSpace.some((space) => covers(space, range))
}

/** Where a capability holds on this node: at its addresses that are selected, and at prefixes as written that overlap its routes (spec/policy.md §7.3). */
function capabilityDestinations(compiled: CompiledPolicy, self: Subject, uses: readonly SelectorUse[]): string[] {
  const behind = uses.flatMap(({ selector }) => {
    const found = compiled.selectors[selector]
    if (found?.kind !== 'range' || (self.behind[selector] ?? 0) === 0) return []
    return prefixesOf(found.range).filter(({ range }) => isRouted(self, range)).map(({ text, range }) => (text.includes('/') ? text : `${text}/${range.family === 4 ? 32 : 128}`))
  })
  return [...new Set([...prefixesOfBits(self, hitBits(self, uses)), ...behind.toSorted(compareAddressText)])]
}

function addressesOfBits(subject: Subject, bits: number): Address[] {
  return subject.addresses.filter((_, i) => (bits & (1 << i)) !== 0)
}

function prefixesOfBits(subject: Subject, bits: number): string[] {
  return addressesOfBits(subject, bits).map((address) => `${formatAddress(address)}/${prefixLength(address)}`)
}

function sortedMap(app: ReadonlyMap<string, readonly Json[]>): Record<string, readonly Json[]> {
  return Object.fromEntries([...app].toSorted(([a], [b]) => compareText(a, b)))
}

function sortedValues<T>(map: ReadonlyMap<string, T>): T[] {
  return [...map].toSorted(([a], [b]) => compareText(a, b)).map(([, value]) => value)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** IPv4 before IPv6, then by number. */
function compareAddressText(a: string, b: string): number {
  const [left, right] = [firstAddress(a), firstAddress(b)]
  if (left.family !== right.family) return left.family - right.family
  return left.value === right.value ? compareText(a, b) : left.value < right.value ? -1 : 1
}

function firstAddress(text: string): Address {
  return parseAddress(text.split(/[-/]/)[0] ?? '') ?? { family: 6, value: 0n }
}
