import type { Node } from '../syntax.ts'
import { type AddressRange, parsePrefix } from '../address.ts'
import type { PlacedSelector } from '../model.ts'
import type { Fix, Reporter, Span } from '../problem.ts'
import { isHostName, isPrefixedName, isTagName, parseSelector } from '../selector.ts'
import { expectObject, expectString, type Member, membersOf, spanOf } from '../shape.ts'
import type { Position } from './positions.ts'
import type { Reading } from './reading.ts'
import { readSelectors, warnIgnoredBits } from './selectors.ts'

/** The members of an object whose keys are names; none when there is no such object. */
export function entries(node: Node | undefined, what: string, report: Reporter): Member[] {
  return node === undefined || expectObject(node, what, report) === undefined ? [] : membersOf(node)
}

/** The strings of a list, as written; what else stands in it is reported elsewhere. */
export function stringsOf({ type, children = [] }: Node): string[] {
  return type === 'array' ? children.flatMap(({ value }) => (typeof value === 'string' ? value.trim() : [])) : []
}

/** The names that groups, tags and IP sets have: each is checked here, once. */
export function checkNames(members: readonly Member[], prefix: 'group:' | 'tag:' | 'ipset:', report: Reporter): void {
  for (const { key, keySpan } of members) {
    if (prefix === 'tag:' ? isTagName(key) : isPrefixedName(key, prefix)) continue
    const rule = prefix === 'tag:' ? 'must be "tag:", a letter, then letters, digits, "-", "_" or "."' : `must start with "${prefix}" and a name`
    report.error(keySpan, 'invalid-name', `"${key}" ${rule}.`, prefixFix(key, keySpan, prefix))
  }
}

function prefixFix(key: string, span: Span, prefix: 'group:' | 'tag:' | 'ipset:'): Fix | undefined {
  const fixed = `${prefix}${key}`
  const valid = prefix === 'tag:' ? isTagName(fixed) : !key.includes(':') && isPrefixedName(fixed, prefix)
  return valid ? { label: `Change to "${fixed}"`, ...span, replacement: JSON.stringify(fixed) } : undefined
}

/** Reads `groups` and `tagOwners`: lists of people, and of owners, by name (spec/policy.md §3.1, §11). */
export function readLists(
  members: readonly Member[], position: Extract<Position, 'member' | 'owner'>, reading: Reading,
): ReadonlyMap<string, readonly PlacedSelector[]> {
  return new Map(members.map(({ key, value }) => [key, readSelectors(value, `"${key}"`, position, reading)]))
}

const nowhere: AddressRange = { family: 4, first: 0n, last: 0n }

/** Reads `hosts`: names for one address or one prefix each (spec/policy.md §3.1). */
export function readHosts(node: Node | undefined, report: Reporter): ReadonlyMap<string, AddressRange> {
  const hosts = new Map<string, AddressRange>()
  for (const { key, keySpan, value } of entries(node, '"hosts"', report)) {
    if (!isHostName(key)) {
      report.error(keySpan, 'invalid-name', `"${key}" cannot name a host: no "@", ":", "/", "*", no blanks, not an address.`)
    }
    // Its name is known even where its value is wrong: one mistake is one problem.
    hosts.set(key, nowhere)
    const text = expectString(value, `The host "${key}"`, report)?.trim()
    if (text === undefined) continue
    const parsed = parseSelector(text)
    if (!parsed.ok || parsed.value.kind !== 'range' || text.includes('-')) {
      report.error(spanOf(value), 'invalid-value', `"${text}" is not an address or a range such as 10.0.0.0/8.`)
      continue
    }
    if (parsePrefix(text)?.cleared === true) warnIgnoredBits({ text, span: spanOf(value) }, parsed.value.range, report)
    hosts.set(key, parsed.value.range)
  }
  return hosts
}
