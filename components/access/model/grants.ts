import { relayCapability, type Grant, type Json, type Policy } from '@/policy/index.ts'
import { lineOfOffset, splitLines } from './lines.ts'

/** What a grant gives: reaching ports, using relays, or some other capability; each with its detail in words. */
export type Gift = { readonly kind: 'reach' | 'relay' | 'capability'; readonly detail: string }

export type GrantView = {
  readonly index: number
  readonly line: number
  readonly endLine: number
  /** Selectors as written. */
  readonly src: readonly string[]
  readonly dst: readonly string[]
  readonly gives: readonly Gift[]
  /** The comment right above it, as one text; empty: none. */
  readonly comment: string
  readonly commentLines: number
}

/** The grants of a valid policy as rows, in the text's order. */
export function grantViews(text: string, policy: Policy): GrantView[] {
  const lines = splitLines(text)
  return (policy.grants ?? []).map((grant) => {
    const above = commentAbove(lines, grant.place.line)
    return {
      index: grant.index,
      line: grant.place.line,
      endLine: lineOfOffset(text, grant.place.offset + grant.place.length),
      src: grant.src.map((selector) => selector.text),
      dst: grant.dst.map((selector) => selector.text),
      gives: giftsOf(grant),
      comment: above.join(' '),
      commentLines: above.length,
    }
  })
}

function commentAbove(lines: readonly string[], line: number): string[] {
  const found: string[] = []
  for (let at = line - 2; at >= 0; at--) {
    const match = /^\s*\/\/\s?(.*)$/.exec(lines[at] ?? '')
    if (match === null) break
    found.unshift((match[1] ?? '').trim())
  }
  return found
}

function giftsOf(grant: Grant): Gift[] {
  const gifts: Gift[] = []
  if (grant.ip.length > 0) gifts.push({ kind: 'reach', detail: portWords(grant.ip) })
  for (const [capability, values] of grant.app) {
    if (capability === relayCapability) gifts.push({ kind: 'relay', detail: relayWords(values) })
    else gifts.push({ kind: 'capability', detail: capability })
  }
  return gifts
}

const protocolNames: ReadonlyMap<number, string> = new Map([
  [1, 'ICMP'], [2, 'IGMP'], [6, 'TCP'], [17, 'UDP'], [47, 'GRE'], [50, 'ESP'], [58, 'ICMPv6'], [132, 'SCTP'],
])

/** "any port", "port 443", "TCP 443, UDP 53". */
function portWords(entries: Grant['ip']): string {
  const words = entries.map(({ ports, protocol }) => {
    const all = ports.some(({ first, last }) => first === 0 && last === 65535)
    const text = ports.map(({ first, last }) => (first === last ? `${first}` : `${first}–${last}`)).join(', ')
    if (protocol === undefined) return all ? 'any port' : text
    const name = protocolNames.get(protocol) ?? `protocol ${protocol}`
    return all ? name : `${name} ${text}`
  })
  const joined = words.join(', ')
  return /^\d+$/.test(joined) ? `port ${joined}` : /^\d/.test(joined) ? `ports ${joined}` : joined
}

/** The parameters of the relay capability; absent in one set of them means no limit at all (more generous wins). */
function relayWords(values: readonly Json[]): string {
  if (values.length === 0) return 'no limit'
  const sets = values.map((value) => parameterWords(value).join(', '))
  return sets.some((set) => set === '') ? 'no limit' : [...new Set(sets)].join(', or ')
}

function parameterWords(value: Json): string[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([name, setting]) => {
    switch (name) {
      case 'maxSessions': return [`${String(setting)} ${setting === 1 ? 'session' : 'sessions'}`]
      case 'family': return [setting === 'ipv4' ? 'IPv4 only' : 'IPv6 only']
      case 'quota': return [spaced(String(setting))]
      case 'maxRate': return [spaced(String(setting)).replace(/([kmg])bit$/, (_, prefix: string) => `${prefix === 'k' ? 'k' : prefix.toUpperCase()}bit/s`)]
      case 'prefer': return [`prefer ${String(setting)}`]
      default: return []
    }
  })
}

function spaced(amount: string): string {
  return amount.replace(/^([0-9.]+)\s*/, '$1 ')
}
