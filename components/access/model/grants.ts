import { entriesOf, type WrittenEntry } from '@/policy/edit/index.ts'
import { relayCapability } from '@/policy/capability.ts'
import type { Grant, Json, Policy } from '@/policy/index.ts'
import { treeOf } from '@/policy/walk.ts'
import { lineCounter } from './lines.ts'
import { portWords, relayWords } from './words.ts'

/** What a grant gives: reaching ports, using relays, or some other capability; each with its detail in words. */
export type Gift = { readonly kind: 'reach' | 'relay' | 'capability'; readonly detail: string }

/** A grant, or an acl with all its destinations. */
export type GrantView = {
  /** Place among all rows, from 0. */
  readonly index: number
  readonly list: 'grants' | 'acls'
  /** Place in its list, from 0. */
  readonly at: number
  /** Its places in `Policy.grants`: an acl has one for each of its destinations. */
  readonly rules: readonly number[]
  readonly line: number
  readonly endLine: number
  /** Selectors as written; those of an acl's destinations with their ports. */
  readonly src: readonly string[]
  readonly dst: readonly string[]
  readonly via: readonly string[]
  readonly gives: readonly Gift[]
  /** The comment right above it, a line of it each; empty: none. */
  readonly comment: string
  readonly commentLines: number
  /** As written. */
  readonly value: { readonly [key: string]: Json }
}

/** The grants and acls of a valid policy as rows, in the text's order. `tree`: the text's, where it is known. */
export function grantViews(text: string, policy: Policy, tree = treeOf(text)): GrantView[] {
  const lineOf = lineCounter(text)
  /** Bounded by the policy's rules. */
  const rules = new Map<string, Grant[]>()
  for (const grant of policy.grants ?? []) {
    const key = `${grant.origin.list} ${grant.origin.index}`
    const known = rules.get(key)
    if (known === undefined) rules.set(key, [grant])
    else known.push(grant)
  }
  return (['grants', 'acls'] as const)
    .flatMap((list) => entriesOf(text, list, tree).map((entry, at) => ({ list, at, entry, own: rules.get(`${list} ${at}`) ?? [] })))
    .toSorted((a, b) => a.entry.from - b.entry.from)
    .map(({ list, at, entry, own }, index) => ({ index, list, at, rules: own.map((rule) => rule.index), ...rowOf(entry, own, lineOf) }))
}

function rowOf(entry: WrittenEntry, rules: readonly Grant[], lineOf: (offset: number) => number): Omit<GrantView, 'index' | 'list' | 'at' | 'rules'> {
  const line = lineOf(entry.from)
  return {
    line,
    endLine: lineOf(entry.to),
    src: selectorsIn(entry.value, ['src', 'users']),
    dst: selectorsIn(entry.value, ['dst', 'ports']),
    via: selectorsIn(entry.value, ['via']),
    gives: giftsOf(rules),
    comment: entry.comment,
    commentLines: line - lineOf(entry.lead),
    value: isObject(entry.value) ? entry.value : {},
  }
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The strings of the first of these members that is there; keys are read without regard to case. */
export function selectorsIn(value: Json, names: readonly string[]): string[] {
  const found = isObject(value) ? Object.entries(value).find(([key]) => names.includes(key.toLowerCase()))?.[1] : undefined
  return Array.isArray(found) ? found.flatMap((one: Json) => (typeof one === 'string' ? [one.trim()] : [])) : []
}

function giftsOf(rules: readonly Grant[]): Gift[] {
  const gifts: Gift[] = []
  const ip = rules.flatMap((rule) => rule.ip)
  if (ip.length > 0) gifts.push({ kind: 'reach', detail: portWords(ip) })
  for (const [capability, values] of rules[0]?.app ?? []) {
    if (capability === relayCapability) gifts.push({ kind: 'relay', detail: relayWords(values) })
    else gifts.push({ kind: 'capability', detail: capability })
  }
  return gifts
}
