import { givesRelay, type GrantLine, letsUseRelay, lineOf } from './access.ts'
import { type Json, relayCapability } from './capability.ts'
import type { CompiledGrant, CompiledPolicy, Subject } from './compile.ts'
import { parseQuota, parseRate } from './relay-amounts.ts'
import { relayKeys } from './relay-key.ts'

export type IpFamily = 'ipv4' | 'ipv6'

/** What one grant limits, read. An absent member is no limit, `prefer` excepted. */
export type GrantTerms = {
  readonly maxSessions?: number
  readonly family?: IpFamily
  /** Bytes a month. */
  readonly quota?: number
  /** Bits a second. */
  readonly maxRate?: number
  readonly prefer: number
}

/** A value with the grants that give it. */
export type FromLines<T> = { readonly value: T; readonly lines: readonly GrantLine[] }

/** A grant that lets the client use the relay; `key` names it wherever it stands in the document. */
export type TermsGrant = GrantLine & { readonly key: string; readonly quota?: number }

/** What holds for one client on one relay (spec/policy.md §14). Absent: no limit, as at least one grant sets none. */
export type RelayTerms = {
  /** Every grant that applies, in the order of the document. */
  readonly grants: readonly TermsGrant[]
  readonly maxSessions?: FromLines<number>
  readonly family?: FromLines<IpFamily>
  readonly quota?: FromLines<number>
  readonly maxRate?: FromLines<number>
  readonly prefer: FromLines<number>
}

/** Per member the most generous of all grants that apply; undefined when none does. */
export function relayTerms(compiled: CompiledPolicy, client: Subject, relay: Subject): RelayTerms | undefined {
  const grants = relayGrantsOf(compiled).filter((grant) => letsUseRelay(grant, client, relay))
  return grants.length === 0 ? undefined : termsOf(compiled, grants)
}

/** `relayTerms` of grants that are known to apply. */
export function termsOf(compiled: CompiledPolicy, grants: readonly CompiledGrant[]): RelayTerms {
  const keys = relayKeys(compiled)
  const all = grants.map((grant) => ({ grant, terms: grantTerms(grant) }))
  const prefer = Math.max(...all.map(({ terms }) => terms.prefer))
  const from = <K extends keyof GrantTerms>(member: K, value: GrantTerms[K] & {}): FromLines<GrantTerms[K] & {}> =>
    ({ value, lines: all.filter(({ terms }) => terms[member] === value).map(({ grant }) => lineOf(grant)) })
  const { maxSessions, family, quota, maxRate } = mostGenerous(all.map(({ terms }) => terms))
  return {
    grants: all.map(({ grant, terms }) => ({ ...lineOf(grant), key: keys.get(grant) ?? '', ...(terms.quota === undefined ? {} : { quota: terms.quota }) })),
    ...(maxSessions === undefined ? {} : { maxSessions: from('maxSessions', maxSessions) }),
    ...(family === undefined ? {} : { family: from('family', family) }),
    ...(quota === undefined ? {} : { quota: from('quota', quota) }),
    ...(maxRate === undefined ? {} : { maxRate: from('maxRate', maxRate) }),
    prefer: from('prefer', prefer),
  }
}

/** Of each policy once. Bounded: gone with the policy. */
const relayGrantLists = new WeakMap<CompiledPolicy, readonly CompiledGrant[]>()

function relayGrantsOf(compiled: CompiledPolicy): readonly CompiledGrant[] {
  const known = relayGrantLists.get(compiled) ?? compiled.grants.filter(givesRelay)
  relayGrantLists.set(compiled, known)
  return known
}

/** Of each grant once. Bounded: gone with the grant. */
const read = new WeakMap<CompiledGrant, GrantTerms>()

/** What a grant of relays limits: the most generous of its list's elements. */
export function grantTerms(grant: CompiledGrant): GrantTerms {
  const known = read.get(grant)
  if (known !== undefined) return known
  const values = grant.app.get(relayCapability) ?? []
  const made = values.length === 0 ? { prefer: 0 } : mostGenerous(values.map(readTerms))
  read.set(grant, made)
  return made
}

function readTerms(value: Json): GrantTerms {
  const members: { readonly [key: string]: Json } = typeof value === 'object' && value !== null && !isList(value) ? value : {}
  const { maxSessions, family, quota, maxRate, prefer } = members
  return {
    ...(typeof maxSessions === 'number' ? { maxSessions } : {}),
    ...(family === 'ipv4' || family === 'ipv6' ? { family } : {}),
    ...maybe('quota', typeof quota === 'string' ? parseQuota(quota) : undefined),
    ...maybe('maxRate', typeof maxRate === 'string' ? parseRate(maxRate) : undefined),
    prefer: typeof prefer === 'number' ? prefer : 0,
  }
}

/** `Array.isArray` does not know lists that cannot be written. */
function isList(value: object): value is readonly Json[] {
  return Array.isArray(value)
}

function maybe<K extends string>(member: K, value: number | undefined): { [key in K]?: number } {
  // One member, as its own type says.
  return value === undefined ? {} : { [member]: value } as { [key in K]: number }
}

/** Per member the most generous; absent in one is no limit. */
export function mostGenerous(all: readonly GrantTerms[]): GrantTerms {
  const most = (values: readonly (number | undefined)[]): number | undefined =>
    values.reduce((a, b) => (a === undefined || b === undefined ? undefined : Math.max(a, b)))
  const [first, ...others] = all.map(({ family }) => family)
  return {
    ...maybe('maxSessions', most(all.map(({ maxSessions }) => maxSessions))),
    // Either of two families is both of them.
    ...(first !== undefined && others.every((family) => family === first) ? { family: first } : {}),
    ...maybe('quota', most(all.map(({ quota }) => quota))),
    ...maybe('maxRate', most(all.map(({ maxRate }) => maxRate))),
    prefer: Math.max(...all.map(({ prefer }) => prefer)),
  }
}
