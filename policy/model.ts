import type { AddressRange } from './address.ts'
import type { Json } from './capability.ts'
import type { IpEntry } from './ports.ts'
import type { Place } from './problem.ts'
import type { Selector } from './selector.ts'

/** A selector where it was written. `text` is as written, trimmed: a host keeps its name here. */
export type PlacedSelector = { readonly text: string; readonly selector: Selector; readonly place: Place }

/** Where a rule was written: entry `index` of a list, and of an acl also which of its destinations (spec/policy.md §6: each is a grant). */
export type RuleOrigin = { readonly list: 'grants' | 'acls'; readonly index: number; readonly dst?: number }

/** A rule of the document: a grant, or one destination of an acl. */
export type Grant = {
  /** Place among all rules, from 0: its position in `Policy.grants`. */
  readonly index: number
  readonly origin: RuleOrigin
  readonly place: Place
  readonly src: readonly PlacedSelector[]
  readonly dst: readonly PlacedSelector[]
  readonly ip: readonly IpEntry[]
  /** Capability name → its values, unchanged and in order. */
  readonly app: ReadonlyMap<string, readonly Json[]>
  /** Tags: the destinations are reached only through routers with one of them (spec/policy.md §7.7). Empty: any way. */
  readonly via: readonly PlacedSelector[]
}

/** An entry of `nodeAttrs` (spec/policy.md §10). */
export type NodeAttr = { readonly place: Place; readonly target: readonly PlacedSelector[]; readonly attr: readonly string[] }

/** Who need not be asked for (spec/policy.md §11). */
export type AutoApprovers = {
  readonly routes: readonly { readonly prefix: AddressRange; readonly text: string; readonly place: Place; readonly approvers: readonly PlacedSelector[] }[]
  readonly exitNode: readonly PlacedSelector[]
  readonly relays: readonly PlacedSelector[]
}

/** What a test expects of one destination and port (spec/policy.md §12). `text` is as written, such as `tag:web:443`. */
export type TestTarget = { readonly text: string; readonly place: Place; readonly selector: Selector; readonly port: number }
/** Ours: whether `src` may allocate on a relay: one machine, host, tag or address. */
export type RelayTest = { readonly place: Place; readonly src: PlacedSelector; readonly via: PlacedSelector; readonly expected: 'accept' | 'deny' }

/** One entry of `tests`, well-formed; whether it holds is a matter of people and nodes. */
export type PolicyTest = {
  readonly index: number
  readonly place: Place
  /** Absent: the entry has `relay` tests alone. */
  readonly src?: PlacedSelector
  /** Absent: TCP and UDP, either is enough. */
  readonly protocol?: number
  readonly accept: readonly TestTarget[]
  readonly deny: readonly TestTarget[]
  readonly relay: readonly RelayTest[]
}

/** Top-level settings that become attributes of every node (spec/policy.md §2). `lines`: where each is set that is written. */
export type PolicySettings = {
  readonly randomizeClientPort: boolean
  readonly disableIPv4: boolean
  readonly oneCgnatRoute?: 'mac-always' | 'mac-never'
  readonly lines: { readonly [Name in 'randomizeClientPort' | 'disableIPv4' | 'oneCgnatRoute']?: number }
}

/** A valid document. Maps are bounded by the document's size (1 MiB). */
export type Policy = {
  /** `group:x` → its members: people and nobody else. */
  readonly groups: ReadonlyMap<string, readonly PlacedSelector[]>
  /** `tag:x` → who may give it. */
  readonly tagOwners: ReadonlyMap<string, readonly PlacedSelector[]>
  readonly hosts: ReadonlyMap<string, AddressRange>
  /** `ipset:x` → its ranges, in order and apart. */
  readonly ipsets: ReadonlyMap<string, readonly AddressRange[]>
  /** Of `grants` and `acls`. Undefined when the document has neither, which allows everything (spec/policy.md §1). */
  readonly grants: readonly Grant[] | undefined
  readonly nodeAttrs: readonly NodeAttr[]
  readonly autoApprovers: AutoApprovers
  readonly tests: readonly PolicyTest[]
  readonly settings: PolicySettings
}

/** A machine as policy sees it. `owner` is its person's e-mail; it does not count once the machine has a tag. */
export type PolicyNode = {
  readonly id: number
  readonly name: string
  /** IPv4 first: stock clients look at the first pair of one family only (spec/coordination.md §5.2). */
  readonly addresses: readonly string[]
  readonly tags: readonly string[]
  /** Prefixes that it routes for others: offered by it and approved. One of the default routes makes it an exit node. */
  readonly routes?: readonly string[]
  readonly owner?: string
  /** The role of `owner`, for `autogroup:owner` and `autogroup:admin`; absent matches neither. */
  readonly ownerRole?: 'owner' | 'admin' | 'viewer'
}
