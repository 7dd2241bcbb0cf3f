import type { Json } from './capability.ts'
import type { PlacedSelector, Policy, PolicySettings } from './model.ts'
import type { IpEntry } from './ports.ts'
import { type Selector, selectorKey } from './selector.ts'

/** A grant with its selectors as numbers into `CompiledPolicy.selectors`. */
export type CompiledGrant = {
  readonly index: number
  /** The line it starts on, from 1. */
  readonly line: number
  /** In which list it stands; absent: in none, as a document without rules allows everything. */
  readonly list?: 'grants' | 'acls'
  readonly src: readonly SelectorUse[]
  /** As written; `autogroup:self` among them hits nobody by itself. */
  readonly dst: readonly SelectorUse[]
  /** Where `autogroup:self` is a destination (spec/policy.md §7.5). */
  readonly self?: SelectorUse
  readonly ip: readonly IpEntry[]
  readonly app: ReadonlyMap<string, readonly Json[]>
  /** Tags of the routers that its destinations are reached through alone; empty: any way. */
  readonly via: readonly SelectorUse[]
}

/** `text` and `line` are as the author wrote the selector. */
export type SelectorUse = { readonly selector: number; readonly text: string; readonly line: number }

/** Attributes and whose they are. `line`: where the entry starts. */
export type CompiledAttributes = { readonly line: number; readonly target: readonly SelectorUse[]; readonly attr: readonly string[] }

export type CompiledPolicy = {
  /** Each distinct selector once. */
  readonly selectors: readonly Selector[]
  /** `group:x` → e-mails and `*@domain` in lower case. Bounded by the document. */
  readonly groups: ReadonlyMap<string, ReadonlySet<string>>
  readonly grants: readonly CompiledGrant[]
  readonly attributes: readonly CompiledAttributes[]
  readonly settings: PolicySettings
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
  const use = ({ text, selector, place }: PlacedSelector): SelectorUse => ({ selector: number(selector), text, line: place.line })
  const grants = policy.grants?.map((grant): CompiledGrant => {
    const self = grant.dst.find(({ selector }) => selector.kind === 'self')
    return {
      index: grant.index, line: grant.place.line, list: grant.origin.list,
      src: grant.src.map(use), dst: grant.dst.map(use), ...(self && { self: use(self) }),
      ip: grant.ip, app: grant.app, via: grant.via.map(use),
    }
  })
  return {
    groups: new Map([...policy.groups].map(([name, members]) => [name, new Set(members.map(({ selector }) => memberKey(selector)))])),
    grants: grants ?? [allowAll(use(everything))],
    attributes: policy.nodeAttrs.map(({ place, target, attr }) => ({ line: place.line, target: target.map(use), attr })),
    settings: policy.settings,
    selectors,
  }
}

const everything: PlacedSelector = { text: '*', selector: { kind: 'any' }, place: { line: 1, column: 1, offset: 0, length: 0 } }

/** Without `grants` everything may reach everything (spec/policy.md §1); relays are still a matter of a grant. */
function allowAll(any: SelectorUse): CompiledGrant {
  return { index: 0, line: 1, src: [any], dst: [any], ip: [{ ports: [{ first: 0, last: 65535 }] }], app: new Map(), via: [] }
}

function memberKey(selector: Selector): string {
  return selector.kind === 'domain' ? `*@${selector.domain}` : selectorKey(selector)
}

export { hitBits, isBehind, isSamePerson, isSelected, isVia, type Subject, subjectOf } from './subject.ts'
