import type { Node } from 'jsonc-parser'
import { type AddressRange, parsePrefix } from './address.ts'
import type { PlacedSelector } from './model.ts'
import { nearest } from './nearest.ts'
import type { Fix, Reporter, Span } from './problem.ts'
import { autogroups, isHostName, isTagName, laterAutogroups, parseSelector, type Selector } from './selector.ts'
import { expectArray, expectObject, expectString, membersOf, spanOf } from './shape.ts'

/** The names that selectors may refer to. Bounded by the document. */
export type Names = {
  readonly groups: ReadonlySet<string>
  readonly tags: ReadonlySet<string>
  readonly hosts: ReadonlyMap<string, AddressRange>
}

export type Definitions = {
  readonly names: Names
  readonly groups: ReadonlyMap<string, readonly PlacedSelector[]>
  readonly tagOwners: ReadonlyMap<string, readonly PlacedSelector[]>
  readonly hosts: ReadonlyMap<string, AddressRange>
}

/** More than this in one document is refused (spec/policy.md §1). */
export const maxSelectors = 100_000

const ownerAutogroups: ReadonlySet<string> = new Set(
  ['member', 'owner', 'admin', 'network-admin', 'it-admin', 'billing-admin', 'auditor'],
)

/** Roles and sharing that do not exist here (spec/policy.md §3.2). */
const emptyAutogroups: ReadonlySet<string> = new Set(['network-admin', 'it-admin', 'billing-admin', 'auditor', 'shared'])

/** Reads `groups`, `tagOwners` and `hosts` (spec/policy.md §3.1, §11). */
export function readDefinitions(
  groupsNode: Node | undefined, tagsNode: Node | undefined, hostsNode: Node | undefined, report: Reporter,
): Definitions {
  const groupEntries = entries(groupsNode, '"groups"', report)
  const tagEntries = entries(tagsNode, '"tagOwners"', report)
  const hosts = readHosts(hostsNode, report)
  const names: Names = {
    groups: new Set(groupEntries.map((entry) => entry.key)),
    tags: new Set(tagEntries.map((entry) => entry.key)),
    hosts,
  }
  const groups = new Map<string, readonly PlacedSelector[]>()
  for (const { key, keySpan, value } of groupEntries) {
    if (!/^group:.+/.test(key)) report.error(keySpan, `"${key}" must start with "group:" and a name.`, prefixFix(key, keySpan, 'group:'))
    groups.set(key, readSelectors(value, `"${key}"`, names, report).filter(({ selector, text, place }) => {
      if (selector.kind === 'person' || selector.kind === 'domain') return true
      report.error(place, selector.kind === 'group'
        ? `"${text}": a group cannot be in a group; list its people.`
        : `"${text}" cannot be in a group: members are people, by e-mail.`)
      return false
    }))
  }
  const tagOwners = new Map<string, readonly PlacedSelector[]>()
  for (const { key, keySpan, value } of tagEntries) {
    if (!isTagName(key)) {
      report.error(keySpan, `"${key}" must be "tag:", a letter, then letters, digits, "-", "_" or ".".`, prefixFix(key, keySpan, 'tag:'))
    }
    tagOwners.set(key, readSelectors(value, `"${key}"`, names, report).filter(({ selector, text, place }) => {
      if (mayOwn(selector)) return true
      report.error(place, `"${text}" cannot own a tag: owners are people, groups, tags, autogroup:member and role autogroups.`)
      return false
    }))
  }
  return { names, groups, tagOwners, hosts }
}

function mayOwn(selector: Selector): boolean {
  if (selector.kind === 'autogroup') return ownerAutogroups.has(selector.name)
  return selector.kind === 'person' || selector.kind === 'domain' || selector.kind === 'group' || selector.kind === 'tag'
}

function prefixFix(key: string, span: Span, prefix: string): Fix | undefined {
  const fixed = `${prefix}${key}`
  const valid = prefix === 'tag:' ? isTagName(fixed) : key !== '' && !key.includes(':')
  return valid ? { label: `Change to "${fixed}"`, ...span, replacement: JSON.stringify(fixed) } : undefined
}

function entries(node: Node | undefined, what: string, report: Reporter) {
  if (node === undefined || expectObject(node, what, report) === undefined) return []
  return membersOf(node, report)
}

function readHosts(node: Node | undefined, report: Reporter): ReadonlyMap<string, AddressRange> {
  const hosts = new Map<string, AddressRange>()
  for (const { key, keySpan, value } of entries(node, '"hosts"', report)) {
    if (!isHostName(key)) report.error(keySpan, `"${key}" cannot name a host: no "@", ":", "/", "*", no blanks, not an address.`)
    const text = expectString(value, `The host "${key}"`, report)?.trim()
    if (text === undefined) continue
    const parsed = parseSelector(text)
    if (!parsed.ok || parsed.value.kind !== 'range' || text.includes('-')) {
      report.error(spanOf(value), `"${text}" is not an address or a range such as 10.0.0.0/8.`)
    } else hosts.set(key, parsed.value.range)
  }
  return hosts
}

/** Reads a list of selectors and looks each name up; what is not valid is reported and left out. */
export function readSelectors(node: Node, what: string, names: Names, report: Reporter): PlacedSelector[] {
  const selectors: PlacedSelector[] = []
  for (const child of expectArray(node, what, report) ?? []) {
    const text = expectString(child, `Each entry of ${what}`, report)?.trim()
    if (text === undefined) continue
    const parsed = parseSelector(text)
    if (!parsed.ok) {
      report.error(spanOf(child), parsed.reason)
      continue
    }
    const selector = resolve(parsed.value, text, spanOf(child), names, report)
    if (selector === undefined) continue
    if (parsePrefix(text)?.cleared === true) report.warning(spanOf(child), `"${text}" has bits beyond its length; they are ignored.`)
    if (selector.kind === 'autogroup' && emptyAutogroups.has(selector.name)) {
      report.warning(spanOf(child), `"${text}" is always empty here: there is no such role.`)
    }
    selectors.push({ text, selector, place: report.place(spanOf(child)) })
  }
  return selectors
}

type Written = Extract<ReturnType<typeof parseSelector>, { ok: true }>['value']

function resolve(written: Written, text: string, span: Span, names: Names, report: Reporter): Selector | undefined {
  switch (written.kind) {
    case 'group':
      if (names.groups.has(written.name)) return written
      return undefinedName(text, span, names.groups, `The group "${text}" is not defined in "groups".`, report)
    case 'tag':
      if (names.tags.has(written.name)) return written
      return undefinedName(text, span, names.tags, `The tag "${text}" is not defined in "tagOwners".`, report)
    case 'host': {
      const range = names.hosts.get(written.name)
      if (range !== undefined) return { kind: 'range', range }
      const message = `"${text}" is neither an address nor a person, and not defined in "hosts".`
      return undefinedName(text, span, names.hosts.keys(), message, report)
    }
    case 'unknown-autogroup': {
      if (laterAutogroups.some((name) => name === written.name)) {
        report.error(span, `"${text}" is not compiled by this version.`)
        return undefined
      }
      const known = [...autogroups, 'internet'].map((name) => `autogroup:${name}`)
      return undefinedName(text, span, known, `There is no "${text}".`, report)
    }
    default: return written
  }
}

function undefinedName(text: string, span: Span, known: Iterable<string>, message: string, report: Reporter): undefined {
  const meant = nearest(text, known)
  if (meant === undefined) report.error(span, message)
  else {
    const fix = { label: `Change to "${meant}"`, ...span, replacement: JSON.stringify(meant) }
    report.error(span, `${message} Did you mean "${meant}"?`, fix)
  }
  return undefined
}
