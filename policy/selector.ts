import { fail, ok, type Result } from '../lib/result.ts'
import { type AddressRange, formatRange, parseAddress, parsePrefix, parseRange, rangeOf } from './address.ts'

/** Autogroups of spec/policy.md §3.2 that select nodes or people here. */
export const autogroups = [
  'member', 'tagged', 'owner', 'admin', 'network-admin', 'it-admin', 'billing-admin', 'auditor', 'shared',
] as const
export type Autogroup = (typeof autogroups)[number]

/** What a selector selects (spec/policy.md §3). People and domains are in lower case; a host is already its range. */
export type Selector =
  | { readonly kind: 'any' }
  | { readonly kind: 'person'; readonly email: string }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'tag'; readonly name: string }
  | { readonly kind: 'autogroup'; readonly name: Autogroup }
  /** What lies behind exit nodes; only a destination. */
  | { readonly kind: 'internet' }
  /** The other untagged machines of the receiving machine's person, and itself; only a destination (spec/policy.md §7.5). */
  | { readonly kind: 'self' }
  /** Every address there is; only a source. */
  | { readonly kind: 'danger-all' }
  | { readonly kind: 'range'; readonly range: AddressRange }
  /** An IP set: its ranges, in order and apart. */
  | { readonly kind: 'ipset'; readonly name: string; readonly ranges: readonly AddressRange[] }

/** A selector as written: a host and an IP set are still names, and no name is looked up yet. */
export type WrittenSelector =
  | Exclude<Selector, { kind: 'ipset' }>
  | { readonly kind: 'host'; readonly name: string }
  | { readonly kind: 'ipset-name'; readonly name: string }
  | { readonly kind: 'unknown-autogroup'; readonly name: string }

const tagName = /^tag:[a-zA-Z][a-zA-Z0-9_.-]*$/
// oxlint-disable-next-line no-control-regex -- finding control characters is the purpose
const controls = /[\u0000-\u001f\u007f]/

/** Whether a text is a well-formed tag: `tag:`, a letter, then letters, digits, `-`, `_`, `.`. */
export function isTagName(text: string): boolean {
  return tagName.test(text)
}

/** Whether a text is a prefix and a name, such as `group:ops`; blanks around it would not be found again. */
export function isPrefixedName(text: string, prefix: 'group:' | 'ipset:'): boolean {
  return text.startsWith(prefix) && text.length > prefix.length && text.trim() === text && !controls.test(text)
}

/** Whether a text can name a host: no `@ : / *` and no blanks, and not an address. */
export function isHostName(text: string): boolean {
  return text !== '' && !/[@:/*\s]/.test(text) && !controls.test(text) && parseAddress(text) === undefined && parseRange(text) === undefined
}

/** Reads one trimmed selector, in the order of spec/policy.md §3.1; the reason is a sentence for the author. */
export function parseSelector(text: string): Result<WrittenSelector, string> {
  if (text === '') return fail('A selector is empty.')
  if (controls.test(text)) return fail(`${JSON.stringify(text)} contains a control character.`)
  const literal = parseLiteral(text)
  if (literal !== undefined) return literal
  if (text === '*') return ok({ kind: 'any' })
  if (text.startsWith('user:*@')) return parseDomain(text)
  if (text.startsWith('ipset:')) {
    return text.length > 6 ? ok({ kind: 'ipset-name', name: text }) : fail('An IP set needs a name after "ipset:".')
  }
  if (text.startsWith('group:')) {
    return text.length > 6 ? ok({ kind: 'group', name: text }) : fail('A group needs a name after "group:".')
  }
  if (text.startsWith('tag:')) {
    if (!isTagName(text)) return fail(`"${text}": after "tag:" comes a letter, then letters, digits, "-", "_" or ".".`)
    return ok({ kind: 'tag', name: text })
  }
  if (text.startsWith('autogroup:')) return ok(parseAutogroup(text.slice('autogroup:'.length)))
  if (text.includes('@')) return ok({ kind: 'person', email: text.toLowerCase() })
  if (!isHostName(text)) return fail(`"${text}" is neither an address nor a name that can be defined in "hosts".`)
  return ok({ kind: 'host', name: text })
}

/** An address, prefix or range; undefined when the text is something else. */
function parseLiteral(text: string): Result<WrittenSelector, string> | undefined {
  const address = parseAddress(text)
  if (address !== undefined) return ok({ kind: 'range', range: rangeOf(address) })
  if (/^[0-9a-fA-F.:]+\//.test(text)) {
    const prefix = parsePrefix(text)
    return prefix === undefined ? fail(`"${text}" is not a valid address range.`) : ok({ kind: 'range', range: prefix.range })
  }
  const range = parseRange(text)
  if (range !== undefined) return ok({ kind: 'range', range })
  const ends = text.split('-')
  if (ends.length !== 2 || ends.some((end) => parseAddress(end) === undefined)) return undefined
  return fail(`"${text}" is no range: both ends are of one family, and the first is not above the last.`)
}

function parseAutogroup(name: string): WrittenSelector {
  if (name === 'internet' || name === 'self' || name === 'danger-all') return { kind: name }
  const known = autogroups.find((autogroup) => autogroup === name)
  return known === undefined ? { kind: 'unknown-autogroup', name } : { kind: 'autogroup', name: known }
}

function parseDomain(text: string): Result<WrittenSelector, string> {
  const domain = text.slice('user:*@'.length).toLowerCase()
  return domain === '' || /[@*\s/:]/.test(domain) ? fail(`"${text}" needs a domain after "@".`) : ok({ kind: 'domain', domain })
}

/** The addresses that a selector is by itself, in order and apart; undefined: it stands for nodes. */
export function literalRanges(selector: Selector | undefined): readonly AddressRange[] | undefined {
  if (selector?.kind === 'range') return [selector.range]
  return selector?.kind === 'ipset' ? selector.ranges : undefined
}

/** One text for all selectors that select the same by definition; equal texts share one compiled selector. */
export function selectorKey(selector: Selector): string {
  switch (selector.kind) {
    case 'any': return '*'
    case 'person': return selector.email
    case 'domain': return `user:*@${selector.domain}`
    case 'group': return selector.name
    case 'tag': return selector.name
    case 'autogroup': return `autogroup:${selector.name}`
    case 'internet': return 'autogroup:internet'
    case 'self': return 'autogroup:self'
    case 'danger-all': return 'autogroup:danger-all'
    case 'range': return formatRange(selector.range)
    case 'ipset': return selector.name
  }
}
