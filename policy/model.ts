import type { AddressRange } from './address.ts'
import type { Json } from './capability.ts'
import type { IpEntry } from './ports.ts'
import type { Place } from './problem.ts'
import type { Selector } from './selector.ts'

/** A selector where it was written. `text` is as written, trimmed: a host keeps its name here. */
export type PlacedSelector = { readonly text: string; readonly selector: Selector; readonly place: Place }

export type Grant = {
  /** Position in the list of grants, from 0. */
  readonly index: number
  readonly place: Place
  readonly src: readonly PlacedSelector[]
  readonly dst: readonly PlacedSelector[]
  readonly ip: readonly IpEntry[]
  /** Capability name → its values, unchanged and in order. */
  readonly app: ReadonlyMap<string, readonly Json[]>
}

/** A valid document. Maps are bounded by the document's size (1 MiB). */
export type Policy = {
  /** `group:x` → its members: people and nobody else. */
  readonly groups: ReadonlyMap<string, readonly PlacedSelector[]>
  /** `tag:x` → who may give it. */
  readonly tagOwners: ReadonlyMap<string, readonly PlacedSelector[]>
  readonly hosts: ReadonlyMap<string, AddressRange>
  /** Undefined when the document has no `grants` at all, which allows everything (spec/policy.md §1). */
  readonly grants: readonly Grant[] | undefined
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
