import type { Node } from '../syntax.ts'
import { type AddressRange, formatRange, parsePrefix } from '../address.ts'
import type { PlacedSelector } from '../model.ts'
import type { Fix, ProblemCode, Reporter, Span } from '../problem.ts'
import { autogroups, parseSelector, type Selector, type WrittenSelector } from '../selector.ts'
import { expectArray, expectString, spanOf } from '../shape.ts'
import { emptyAutogroups, misplaced, type Position } from './positions.ts'
import type { Reading } from './reading.ts'

const knownAutogroups = [...autogroups, 'internet', 'self', 'danger-all'].map((name) => `autogroup:${name}`)

/** A selector's text and the string it stands in; `rewrite` makes that string with another selector. */
export type WrittenAt = { readonly text: string; readonly span: Span; readonly rewrite?: (meant: string) => string }

/** Reads a list of selectors and looks each name up; what is not valid is reported and left out. */
export function readSelectors(node: Node, what: string, position: Position, reading: Reading): PlacedSelector[] {
  const selectors: PlacedSelector[] = []
  for (const child of expectArray(node, what, reading.report) ?? []) {
    if (!reading.counts(spanOf(child))) break
    const text = expectString(child, `Each entry of ${what}`, reading.report)?.trim()
    const selector = text === undefined ? undefined : readSelector({ text, span: spanOf(child) }, position, reading)
    if (selector !== undefined) selectors.push(selector)
  }
  return selectors
}

/** A prefix is its range whatever stands behind its length: the fix writes what is meant. */
export function warnIgnoredBits({ text, span, rewrite = (meant) => meant }: WrittenAt, range: AddressRange, report: Reporter): void {
  const meant = formatRange(range)
  const fix = { label: `Change to "${meant}"`, ...span, replacement: JSON.stringify(rewrite(meant)) }
  report.warning(span, 'bits-ignored', `"${text}" has bits beyond its length; they are ignored.`, fix)
}

/** Reads one selector; undefined when it is not valid, which is reported. */
export function readSelector(written: WrittenAt, position: Position, reading: Reading): PlacedSelector | undefined {
  const { text, span } = written
  const { report } = reading
  const parsed = parseSelector(text)
  if (!parsed.ok) {
    report.error(span, 'invalid-selector', parsed.reason)
    return undefined
  }
  const selector = resolve(parsed.value, written, reading)
  if (selector === undefined) return undefined
  const reason = misplaced(selector, text, position)
  if (reason !== undefined) {
    report.error(span, 'not-allowed-here', reason, position === 'member' ? itsPeople(selector, span, reading.names) : undefined)
    return undefined
  }
  const prefix = parsePrefix(text)
  if (prefix?.cleared === true) warnIgnoredBits(written, prefix.range, report)
  if (selector.kind === 'autogroup' && emptyAutogroups.has(selector.name)) {
    const why = selector.name === 'shared' ? 'machines are not shared between networks' : 'there is no such role'
    report.warning(span, 'always-empty', `"${text}" is always empty here: ${why}.`)
  }
  return { text, selector, place: report.place(span) }
}

/** More people than this are no one-press replacement of a group. */
const maxPeople = 100

/** Writes a group's people in the place of the group; undefined where it has others, or none: those are other mistakes. */
function itsPeople(selector: Selector, span: Span, { groups }: Reading['names']): Fix | undefined {
  const people = selector.kind === 'group' ? groups.get(selector.name) ?? [] : []
  if (people.length === 0 || people.length > maxPeople || people.some((text) => !text.includes('@'))) return undefined
  return { label: 'Put its people here', ...span, replacement: people.map((text) => JSON.stringify(text)).join(', ') }
}

function resolve(selector: WrittenSelector, { text, span, rewrite }: WrittenAt, { report, names }: Reading): Selector | undefined {
  const unknown = (code: ProblemCode, message: string, known: Iterable<string>, meant?: string): undefined => {
    report.unknown(span, { code, name: text, message, known, meant, ...(rewrite === undefined ? {} : { rewrite }) })
  }
  switch (selector.kind) {
    case 'group':
      if (names.groups.has(selector.name)) return selector
      return unknown('unknown-group', `The group "${text}" is not defined in "groups".`, names.groups.keys())
    case 'tag':
      if (names.tags.has(selector.name)) return selector
      return unknown('unknown-tag', `The tag "${text}" is not defined in "tagOwners".`, names.tags)
    case 'ipset-name': {
      const ranges = names.ipsets.get(selector.name)
      if (ranges !== undefined) return { kind: 'ipset', name: selector.name, ranges }
      return unknown('unknown-ipset', `The IP set "${text}" is not defined in "ipsets".`, names.ipsets.keys())
    }
    case 'host': {
      const range = names.hosts.get(selector.name)
      if (range !== undefined) return { kind: 'range', range }
      return unknown('unknown-host', `"${text}" is neither an address nor a person, and not defined in "hosts".`, names.hosts.keys(), withPrefix(text, names))
    }
    case 'unknown-autogroup':
      if (selector.name === 'nonroot') {
        report.error(span, 'not-allowed-here', `"${text}" is a login name for "ssh", which has no effect here.`)
        return undefined
      }
      return unknown('unknown-autogroup', `There is no "${text}".`, knownAutogroups)
    default: return selector
  }
}

/** The name of another kind that somebody meant who left its prefix out. */
function withPrefix(text: string, { tags, groups, ipsets }: Reading['names']): string | undefined {
  const [tag, group, ipset, autogroup] = [`tag:${text}`, `group:${text}`, `ipset:${text}`, `autogroup:${text}`]
  if (tags.has(tag)) return tag
  if (groups.has(group)) return group
  if (ipsets.has(ipset)) return ipset
  return knownAutogroups.includes(autogroup) ? autogroup : undefined
}
