import { type Address, type AddressRange, contains, overlaps, parseAddress } from './address.ts'
import type { Json } from './capability.ts'
import type { Policy, PolicyNode } from './model.ts'
import type { IpEntry } from './ports.ts'
import { isExitRoute, subnetRange } from './route.ts'
import { type Selector, selectorKey } from './selector.ts'

/** A grant with its selectors as numbers into `CompiledPolicy.selectors`. */
export type CompiledGrant = {
  readonly index: number
  /** The line it starts on, from 1. */
  readonly line: number
  readonly src: readonly SelectorUse[]
  readonly dst: readonly SelectorUse[]
  readonly ip: readonly IpEntry[]
  readonly app: ReadonlyMap<string, readonly Json[]>
  /** Tags of the routers that its destinations are reached through alone; empty: any way. */
  readonly via: readonly SelectorUse[]
}

/** `text` and `line` are as the author wrote the selector. */
export type SelectorUse = { readonly selector: number; readonly text: string; readonly line: number }

export type CompiledPolicy = {
  /** Each distinct selector once. */
  readonly selectors: readonly Selector[]
  /** `group:x` → e-mails and `*@domain` in lower case. Bounded by the document. */
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>
  readonly grants: readonly CompiledGrant[]
}

/** Compiles a valid policy. Pure; the result may be shared and kept for as long as the text does not change. */
export function compilePolicy(policy: Policy): CompiledPolicy {
  const selectors: Selector[] = []
  /** Bounded by the distinct selectors of the document. */
  const numbers = new Map<string, number>()
  const number = (selector: Selector): number => {
    const key = selectorKey(selector)
    const known = numbers.get(key)
    if (known !== undefined) return known
    numbers.set(key, selectors.length)
    return selectors.push(selector) - 1
  }
  const uses = (side: readonly { text: string; selector: Selector; place: { line: number } }[]): SelectorUse[] =>
    side.map(({ text, selector, place }) => ({ selector: number(selector), text, line: place.line }))
  const grants = policy.grants?.map((grant) => ({
    index: grant.index, line: grant.place.line, src: uses(grant.src), dst: uses(grant.dst), ip: grant.ip, app: grant.app, via: uses(grant.via),
  }))
  return {
    groups: new Map([...policy.groups].map(([name, members]) => [name, new Set(members.map(({ selector }) => memberKey(selector)))])),
    grants: grants ?? [allowAll(number({ kind: 'any' }))],
    selectors,
  }
}

/** Without `grants` everything may reach everything (spec/policy.md §1); relays are still a matter of a grant. */
function allowAll(any: number): CompiledGrant {
  const everything = [{ selector: any, text: '*', line: 1 }]
  return { index: 0, line: 1, src: everything, dst: everything, ip: [{ ports: [{ first: 0, last: 65535 }] }], app: new Map(), via: [] }
}

function memberKey(selector: Selector): string {
  return selector.kind === 'domain' ? `*@${selector.domain}` : selectorKey(selector)
}

/**
 * A node seen through a policy: for each selector a bit per address of the node (bit 0 is the first address).
 * Identity selectors (people, groups, tags, autogroups, `*`) hit all addresses; literals only those they contain (spec/policy.md §3.3).
 */
export type Subject = {
  readonly node: PolicyNode
  readonly addresses: readonly Address[]
  readonly hits: Uint8Array
  /** Prefixes behind it that it routes, without exit routes. */
  readonly routes: readonly AddressRange[]
  readonly exit: boolean
  /** By selector: 1 where it selects something behind the node: a literal a route, `autogroup:internet` an exit node. Empty: nothing is behind it. */
  readonly behind: Uint8Array
}

const nothingBehind = new Uint8Array()

/** Addresses of a node beyond these are not seen by policy: a node has two. */
const maxAddresses = 8

export function subjectOf(compiled: CompiledPolicy, node: PolicyNode): Subject {
  const addresses = node.addresses.slice(0, maxAddresses).flatMap((text) => parseAddress(text) ?? [])
  const all = (1 << addresses.length) - 1
  const hits = Uint8Array.from(compiled.selectors, (selector) => {
    if (selector.kind !== 'range') return selects(compiled, selector, node) ? all : 0
    return addresses.reduce((bits, address, i) => (contains(selector.range, address) ? bits | (1 << i) : bits), 0)
  })
  const routes = (node.routes ?? []).flatMap((route) => subnetRange(route) ?? [])
  const exit = node.routes?.some(isExitRoute) ?? false
  const behind = routes.length === 0 && !exit ? nothingBehind : Uint8Array.from(compiled.selectors, (selector) => {
    if (selector.kind === 'internet') return exit ? 1 : 0
    return selector.kind === 'range' && routes.some((route) => overlaps(route, selector.range)) ? 1 : 0
  })
  return { node, addresses, hits, routes, exit, behind }
}

function selects(compiled: CompiledPolicy, selector: Exclude<Selector, { kind: 'range' }>, node: PolicyNode): boolean {
  if (selector.kind === 'any') return true
  // No node's own address is in it.
  if (selector.kind === 'internet') return false
  if (selector.kind === 'tag') return node.tags.includes(selector.name)
  if (selector.kind === 'autogroup' && selector.name === 'tagged') return node.tags.length > 0
  // As soon as a node has a tag its owner does not count, in any rule (spec/policy.md §3.3).
  if (node.tags.length > 0) return false
  const owner = node.owner?.toLowerCase()
  switch (selector.kind) {
    case 'person': return owner === selector.email
    case 'domain': return owner !== undefined && owner.slice(owner.lastIndexOf('@') + 1) === selector.domain
    // Of no one node alone, and of no node.
    case 'self': case 'danger-all': case 'ipset': return false
    case 'group': return owner !== undefined && inGroup(compiled.groups.get(selector.name), owner)
    case 'autogroup':
      if (selector.name === 'member') return true
      if (selector.name === 'owner') return node.ownerRole === 'owner'
      return selector.name === 'admin' && (node.ownerRole === 'admin' || node.ownerRole === 'owner')
  }
}

function inGroup(group: ReadonlySet<string> | undefined, owner: string): boolean {
  return group !== undefined && (group.has(owner) || group.has(`*@${owner.slice(owner.lastIndexOf('@') + 1)}`))
}

/** The addresses of a subject that any of these selectors hits, as bits. */
export function hitBits(subject: Subject, uses: readonly SelectorUse[]): number {
  let bits = 0
  for (const use of uses) bits |= subject.hits[use.selector] ?? 0
  return bits
}

/** Whether any of these selectors selects an address of the subject, or something behind it (spec/policy.md §8). */
export function isSelected(subject: Subject, uses: readonly SelectorUse[]): boolean {
  return uses.some(({ selector }) => (subject.hits[selector] ?? 0) !== 0 || (subject.behind[selector] ?? 0) !== 0)
}
