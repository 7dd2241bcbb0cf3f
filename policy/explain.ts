import { listed, listedUpTo } from '../lib/words.ts'
import { type Access, type GrantLine, mayReach, mayUseRelay, type NearMiss } from './access.ts'
import { type CompiledGrant, type CompiledPolicy, subjectOf } from './compile.ts'
import type { PolicyNode } from './model.ts'
import { formatIpEntry, type IpEntry } from './ports.ts'
import { type LimitedPolicy, usedUpGrants } from './quota.ts'
import { formatBytes, formatRate } from './relay-amounts.ts'
import { type GrantTerms, relayTerms, type RelayTerms } from './relay-terms.ts'

/** The answer to "may this machine do that, and why", as one sentence, with the line to look at where there is one. */
export type Explanation = { readonly allowed: boolean; readonly sentence: string; readonly line?: number }
export type RelayExplanation = Explanation

/** What one rule opens, as written in `ip`. */
export type OpenPorts = { readonly ports: readonly string[]; readonly line: number }
export type ReachExplanation = Explanation & {
  /** By rule, in the order of the document; empty: none. */
  readonly open: readonly OpenPorts[]
}

/** Explains what `mayUseRelay` answers, with the limits that then hold. Says nothing of whether either machine is up. */
export function explainRelayUse(compiled: LimitedPolicy, client: PolicyNode, relay: PolicyNode, withLimits = true): RelayExplanation {
  const access = mayUseRelay(compiled, client, relay)
  const [usedUp] = access.allowed ? [] : usedUpGrants(compiled, subjectOf(compiled, client), subjectOf(compiled, relay))
  if (usedUp !== undefined) {
    const { line, quota } = usedUp
    return { allowed: false, line, sentence: `The quota of ${formatBytes(quota)} a month of the grant on line ${line} is used up: ${client.name} may use ${relay.name} again when the next month begins or the quota is raised.` }
  }
  if (!access.allowed) return denied(compiled, access, client, relay, { verb: 'use', capability: 'does not give "tailscale.com/cap/relay" in "app"', targets: 'the relays ' })
  const terms = relayTerms(compiled, subjectOf(compiled, client), subjectOf(compiled, relay))
  const limits = terms === undefined || !withLimits ? [] : termsWords(terms).map(({ words }) => words)
  const within = limits.length === 0 ? '' : `, with ${limits.join(', ')}`
  return { allowed: true, sentence: `${client.name} may use ${relay.name} by ${rulesWords(compiled, access.lines)}${within}.`, ...lineIfAny(access.lines[0]?.line) }
}

/** Explains what `mayReach` answers, with the ports and protocols. Says nothing of what lies behind `dst` where it routes. */
export function explainReach(compiled: CompiledPolicy, src: PolicyNode, dst: PolicyNode): ReachExplanation {
  const access = mayReach(compiled, src, dst)
  if (!access.allowed) return { ...denied(compiled, access, src, dst, { verb: 'reach', capability: 'opens no port: it has no "ip"', targets: '' }), open: [] }
  const grants = rulesOf(compiled, access.lines)
  const open = grants.map(({ ip, line }) => ({ ports: ip.map(formatIpEntry), line }))
  if (grants.some(({ list }) => list === undefined)) {
    return { allowed: true, sentence: `${src.name} may reach ${dst.name} on any port: the policy has neither "grants" nor "acls", which allows everything.`, open: [] }
  }
  return { allowed: true, sentence: `${src.name} may reach ${dst.name} on ${portsWords(grants.flatMap(({ ip }) => ip))} by ${rulesWords(compiled, access.lines)}.`, ...lineIfAny(access.lines[0]?.line), open }
}

/** More entries than these are counted. */
const mostPorts = 6

/** "any port", "22 and tcp:443". */
function portsWords(entries: readonly IpEntry[]): string {
  const texts = [...new Set(entries.map(formatIpEntry))]
  return texts.includes('*') ? 'any port' : listedUpTo(mostPorts, texts)
}

/** Each limit that holds, in words, with the lines that set it; an empty list: none does. */
export function termsWords({ maxSessions, family, quota, maxRate, prefer }: RelayTerms): { readonly limit: keyof GrantTerms; readonly words: string; readonly lines: readonly GrantLine[] }[] {
  return [
    ...(maxSessions ? [{ limit: 'maxSessions' as const, words: `at most ${maxSessions.value} ${maxSessions.value === 1 ? 'session' : 'sessions'}`, lines: maxSessions.lines }] : []),
    ...(family ? [{ limit: 'family' as const, words: `${family.value === 'ipv4' ? 'IPv4' : 'IPv6'} alone`, lines: family.lines }] : []),
    ...(quota ? [{ limit: 'quota' as const, words: `${formatBytes(quota.value)} a month`, lines: quota.lines }] : []),
    ...(maxRate ? [{ limit: 'maxRate' as const, words: `${formatRate(maxRate.value)} each way`, lines: maxRate.lines }] : []),
    ...(prefer.value === 0 ? [] : [{ limit: 'prefer' as const, words: `preference ${prefer.value}`, lines: prefer.lines }]),
  ]
}

function lineIfAny(line: number | undefined): { line?: number } {
  return line === undefined ? {} : { line }
}

function rulesOf({ grants }: CompiledPolicy, lines: readonly GrantLine[]): CompiledGrant[] {
  const wanted = new Set(lines.map(({ grantIndex }) => grantIndex))
  return grants.filter(({ index }) => wanted.has(index))
}

/** "the grant on line 3", "the grants on lines 3, 5 and the acl on line 9"; several destinations of one acl are one. */
function rulesWords(compiled: CompiledPolicy, lines: readonly GrantLine[]): string {
  const rules = rulesOf(compiled, lines)
  return listed((['grants', 'acls'] as const).flatMap((list) => {
    const at = [...new Set(rules.filter((rule) => rule.list === list).map(({ line }) => line))]
    const one = list === 'acls' ? 'acl' : 'grant'
    if (at.length === 0) return []
    return [at.length === 1 ? `the ${one} on line ${at[0]}` : `the ${one}s on lines ${at.join(', ')}`]
  }))
}

type Asked = { readonly verb: 'use' | 'reach'; readonly capability: string; readonly targets: string }

function denied(compiled: CompiledPolicy, access: Access, from: PolicyNode, to: PolicyNode, asked: Asked): Explanation {
  const start = `No grant lets ${from.name} ${asked.verb} ${to.name}`
  if (access.allowed || access.nearest === undefined) return { allowed: false, sentence: `${start}.` }
  const { nearest } = access
  return { allowed: false, sentence: `${start}: ${whatIsMissing(compiled, nearest, from, to, asked)}`, line: nearest.line }
}

function whatIsMissing(compiled: CompiledPolicy, { grantIndex, line, missing }: NearMiss, from: PolicyNode, to: PolicyNode, { capability, targets }: Asked): string {
  const grant = compiled.grants.find((candidate) => candidate.index === grantIndex)
  const written = (side: 'src' | 'dst'): string => grant?.[side].map(({ text }) => `"${text}"`).join(', ') ?? ''
  const rule = `the ${grant?.list === 'acls' ? 'acl' : 'one'} on line ${line}`
  switch (missing) {
    case 'source':
      return `${rule} is for ${written('src') || 'nobody'}, and ${from.name} is ${identity(from)}.`
    case 'destination':
      if (grant?.self !== undefined && grant.dst.length === 1) return `${rule} is for machines of one person among themselves, and ${to.name} is ${identity(to)}.`
      return `${rule} is for ${targets}${written('dst') || 'of nobody'}, and ${to.name} is ${identity(to)}.`
    case 'capability':
      return `${rule} joins the two, but ${capability}.`
    case 'family':
      return `${rule} names addresses of the two that are not of one family, or not the first of each.`
  }
}

function identity(node: PolicyNode): string {
  if (node.tags.length > 0) return node.tags.join(', ')
  return node.owner === undefined ? 'a machine without owner or tag' : `a machine of ${node.owner}`
}
