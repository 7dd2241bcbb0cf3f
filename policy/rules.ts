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
export const wholeNetwork: readonly string[] = ['100.64.0.0-100.115.91.255', '100.115.94.0-100.127.255.255', 'fd7a:115c:a1e0::/48']

/** Lists of addresses by their text: equal ones are the same list. Bounded: three for each grant. */
type Lists = Map<string, readonly string[]>

/** What the filters of all nodes of one network share; source lists are made once each. */
export type FilterContext = {
  readonly compiled: CompiledPolicy
  readonly lists: Lists
  /** Addresses of a grant's sources, and of its destinations. */
  readonly sources: (grant: CompiledGrant) => readonly string[]
  readonly destinations: (grant: CompiledGrant) => readonly string[]
  /** Addresses of those of a relay grant's destinations that are up. */
  readonly relaysUp: (grant: CompiledGrant) => readonly string[]
}

/**
 * `subjects` are all nodes that count. The companion rule of a relay grant names only relays for which `isUp` holds. With the context
 * as it was `before`, lists that did not change are the same objects, and filters in which nothing changed, too.
 */
export function filterContext(
  compiled: CompiledPolicy, subjects: readonly Subject[], isUp: (nodeId: number) => boolean, before?: FilterContext,
): FilterContext {
  const lists: Lists = new Map()
  // Not the context itself: it would hold the one before it.
  const earlier = before?.lists
  const once = (make: (grant: CompiledGrant) => readonly string[]) => {
    /** Bounded by the grants of the policy. */
    const made = new Map<CompiledGrant, readonly string[]>()
    return (grant: CompiledGrant): readonly string[] => {
      const known = made.get(grant)
      if (known !== undefined) return known
      const fresh = make(grant)
      const text = textOf(fresh)
      const list = lists.get(text) ?? earlier?.get(text) ?? fresh
      lists.set(text, list)
      made.set(grant, list)
      return list
    }
  }
  return {
    compiled, lists,
    sources: once((grant) => addressesOf(compiled, subjects, grant.src)),
    destinations: once((grant) => addressesOf(compiled, subjects, grant.dst)),
    relaysUp: once((grant) => addressesOfUp(subjects, grant, isUp)),
  }
}

/** Of each list once: lists are long, and in many rules. Bounded: gone with the list. */
const texts = new WeakMap<readonly string[], string>()

function textOf(list: readonly string[]): string {
  const known = texts.get(list)
  if (known !== undefined) return known
  const text = JSON.stringify(list)
  texts.set(list, text)
  return text
}

/** Of each list another: for keys that are not as long as lists are. Bounded: gone with the list. */
const numbers = new WeakMap<readonly string[], number>()
let lastNumber = 0

function numberOf(list: readonly string[]): number {
  const known = numbers.get(list) ?? ++lastNumber
  numbers.set(list, known)
  return known
}

/** A filter, and the lists that it was made with: with the same it is the same. */
type Made = { readonly lists: readonly (readonly string[])[]; readonly filter: FilterRule[] }

/** The last filter of each subject. Bounded: gone with the subject. */
const filters = new WeakMap<Subject, Made>()

/** The packet filter of one node (spec/policy.md §7), the same whatever the order of grants. */
export function filterFor(context: FilterContext, self: Subject): FilterRule[] {
  const lists = listsFor(context, self)
  const known = filters.get(self)
  if (known !== undefined && known.lists.length === lists.length && known.lists.every((list, i) => list === lists[i])) return known.filter
  const filter = makeFilter(context, self, known?.filter)
  filters.set(self, { lists, filter })
  return filter
}

/** All lists that a node's filter is made with. */
function listsFor(context: FilterContext, self: Subject): (readonly string[])[] {
  return context.compiled.grants.flatMap((grant) => [
    ...(self.exit || isSelected(self, grant.dst) ? [context.sources(grant)] : []),
    ...(grant.app.size > 0 && isSelected(self, grant.src) ? companionsIn(grant).map(([name]) => targetsOf(context, grant, name)) : []),
  ])
}

const companionsIn = (grant: CompiledGrant) => [...companions].filter(([name]) => grant.app.has(name))

function targetsOf(context: FilterContext, grant: CompiledGrant, name: string): readonly string[] {
  return name === relayCapability ? context.relaysUp(grant) : context.destinations(grant)
}

/** A rule that is in the filter `before` is the same object. */
function makeFilter(context: FilterContext, self: Subject, before: readonly FilterRule[] = []): FilterRule[] {
  const { compiled } = context
  /** Bounded by rules of one node; merges what differs in destinations only (spec/policy.md §7.8). */
  const portRules = new Map<string, { SrcIPs: readonly string[]; IPProto?: readonly number[]; DstPorts: Map<string, DstPort> }>()
  const capRules: FilterRule[] = []

  for (const grant of compiled.grants) {
    const asDst = isSelected(self, grant.dst)
    if (asDst || self.exit) {
      const sources = context.sources(grant)
      if (sources.length === 0) continue
      const destinations = grant.ip.length === 0 ? [] : [...destinationsOn(compiled, self, grant.dst)]
      for (const entry of destinations.length === 0 ? [] : grant.ip) {
        const key = `${entry.protocol ?? ''} ${numberOf(sources)}`
        const rule = portRules.get(key) ??
          { SrcIPs: sources, ...(entry.protocol === undefined ? {} : { IPProto: [entry.protocol] }), DstPorts: new Map<string, DstPort>() }
        portRules.set(key, rule)
        for (const ip of destinations) {
          for (const ports of entry.ports) {
            rule.DstPorts.set(`${ip} ${ports.first}-${ports.last}`, { IP: ip, Ports: { First: ports.first, Last: ports.last } })
          }
        }
      }
      if (asDst && grant.app.size > 0) capRules.push({ SrcIPs: sources, CapGrant: [{ Dsts: capabilityDestinations(compiled, self, grant.dst), CapMap: sortedMap(grant.app) }] })
    }
    if (grant.app.size > 0 && isSelected(self, grant.src)) {
      for (const [name, companion] of companionsIn(grant)) {
        const targets = targetsOf(context, grant, name)
        if (targets.length > 0) capRules.push({ SrcIPs: targets, CapGrant: [{ Dsts: capabilityDestinations(compiled, self, grant.src), CapMap: { [companion]: null } }] })
      }
    }
  }
  const ports = [...portRules.values()].map((rule): FilterRule => ({ ...rule, DstPorts: sortedValues(rule.DstPorts) }))
  const known = new Map(before.map((rule) => [ruleKey(rule), rule]))
  return [...sortedRules(ports, known), ...sortedRules(capRules, known)]
}

/** Within one context, and from one to the next, equal lists are the same: so are rules with the same key. */
function ruleKey({ SrcIPs, ...rest }: FilterRule): string {
  return `${numberOf(SrcIPs)} ${JSON.stringify(rest)}`
}

/** By their JSON, each once. */
function sortedRules(rules: readonly FilterRule[], known: ReadonlyMap<string, FilterRule>): FilterRule[] {
  const byKey = new Map(rules.map((rule) => [ruleKey(rule), rule]))
  const placed = [...byKey].map(([key, rule]) => ({ rule: known.get(key) ?? rule, sources: textOf(rule.SrcIPs), rest: key.slice(key.indexOf(' ')) }))
  return placed.sort((a, b) => (a.rule.SrcIPs === b.rule.SrcIPs ? compareText(a.rest, b.rest) : compareText(a.sources, b.sources))).map(({ rule }) => rule)
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
      if (identities.some((selector) => subject.hits[selector] !== 0)) for (const text of addressTexts(subject)) texts.add(text)
    }
  }
  return sortedAddresses(texts)
}

function addressesOfUp(subjects: readonly Subject[], grant: CompiledGrant, isUp: (nodeId: number) => boolean): string[] {
  const texts = subjects.filter((subject) => isUp(subject.node.id)).flatMap((subject) => addressesOfBits(subject, hitBits(subject, grant.dst)))
  return sortedAddresses(new Set(texts.map(formatAddress)))
}

/** Of each subject once. Bounded: gone with the subject. */
const subjectTexts = new WeakMap<Subject, readonly string[]>()

function addressTexts(subject: Subject): readonly string[] {
  const known = subjectTexts.get(subject) ?? subject.addresses.map(formatAddress)
  subjectTexts.set(subject, known)
  return known
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
  return [...new Set([...prefixesOfBits(self, hitBits(self, uses)), ...sortedAddresses(behind)])]
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
function sortedAddresses(texts: Iterable<string>): string[] {
  const placed = [...texts].map((text) => ({ text, first: firstAddress(text) }))
  return placed.sort((a, b) => {
    if (a.first.family !== b.first.family) return a.first.family - b.first.family
    return a.first.value === b.first.value ? compareText(a.text, b.text) : a.first.value < b.first.value ? -1 : 1
  }).map(({ text }) => text)
}

function firstAddress(text: string): Address {
  return parseAddress(text.split(/[-/]/)[0] ?? '') ?? { family: 6, value: 0n }
}
