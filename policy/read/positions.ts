import { type Autogroup, parseSelector, type Selector, type WrittenSelector } from '../selector.ts'

/** Where a selector stands: what may stand there differs (spec/policy.md §3.2). */
export type Position = 'source' | 'destination' | 'target' | 'member' | 'owner' | 'approver' | 'via'

/** Roles and sharing that do not exist here (spec/policy.md §3.2). */
export const emptyAutogroups: ReadonlySet<Autogroup> = new Set<Autogroup>(['network-admin', 'it-admin', 'billing-admin', 'auditor', 'shared'])

/** Autogroups that are people, for those who own or approve, and for who may have machines of their own. */
const peopleAutogroups: ReadonlySet<Autogroup> = new Set<Autogroup>(
  ['member', 'owner', 'admin', 'network-admin', 'it-admin', 'billing-admin', 'auditor'],
)

/** Whether it selects by person alone: what may be a source of `autogroup:self` (spec/policy.md §5). */
export function isPeople(selector: Selector): boolean {
  if (selector.kind === 'autogroup') return peopleAutogroups.has(selector.name)
  return selector.kind === 'person' || selector.kind === 'domain' || selector.kind === 'group'
}

/** Why a selector may not stand there, as a sentence; undefined: it may. */
export function misplaced(selector: Selector, text: string, position: Position): string | undefined {
  const { kind } = selector
  const shared = kind === 'autogroup' && selector.name === 'shared'
  switch (position) {
    case 'source':
      return kind === 'internet' || kind === 'self' ? `"${text}" can only be a destination.` : undefined
    case 'destination':
      return kind === 'danger-all' || shared ? `"${text}" can only be a source.` : undefined
    case 'target':
      if (kind !== 'internet' && kind !== 'self' && kind !== 'danger-all' && !shared) return undefined
      return `"${text}" cannot be a target of attributes: it is not a set of machines.`
    case 'member':
      if (kind === 'person' || kind === 'domain') return undefined
      if (kind === 'group') return `"${text}": a group cannot be in a group; list its people.`
      return `"${text}" cannot be in a group: members are people, by e-mail.`
    case 'owner':
      if (isPeople(selector) || kind === 'tag') return undefined
      return `"${text}" cannot own a tag: owners are people, groups, tags, autogroup:member and role autogroups.`
    case 'approver':
      if (isPeople(selector) || kind === 'tag') return undefined
      return `"${text}" cannot approve: approvers are people, groups, tags, autogroup:member and role autogroups.`
    case 'via':
      return kind === 'tag' ? undefined : `"${text}" cannot be in "via": only tags of routers can.`
  }
}

/** Whether what is written may stand there, whatever its name stands for. */
export function mayStand(text: string, position: Position): boolean {
  const parsed = parseSelector(text)
  const selector = parsed.ok ? ofItsKind(parsed.value) : undefined
  return selector !== undefined && misplaced(selector, text, position) === undefined
}

/** Where a selector may stand is a matter of its kind alone. */
function ofItsKind(written: WrittenSelector): Selector | undefined {
  switch (written.kind) {
    case 'host': return { kind: 'range', range: { family: 4, first: 0n, last: 0n } }
    case 'ipset-name': return { kind: 'ipset', name: written.name, ranges: [] }
    case 'unknown-autogroup': return undefined
    default: return written
  }
}

/** Whether a test can name it as a destination: no prefix, not even of one address, and nothing wider (spec/policy.md §12). */
export function isOneHost({ text, selector }: { readonly text: string; readonly selector: Selector }): boolean {
  if (selector.kind === 'range') return selector.range.first === selector.range.last && !text.includes('/')
  return selector.kind !== 'any' && selector.kind !== 'ipset' && selector.kind !== 'internet' && selector.kind !== 'danger-all'
}
