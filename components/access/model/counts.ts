import { relayCapability } from '@/policy/capability.ts'
import { isSelected, subjectOf, type CompiledGrant, type CompiledPolicy } from '@/policy/compile.ts'
import type { PolicyNode } from '@/policy/index.ts'

/** How many machines a row is for: those its sources hit, and those its destinations hit. */
export type GrantCount = { readonly from: number; readonly to: number }

type Row = { readonly index: number; readonly rules: readonly number[] }

/** Counts by the row's index. Bounded by the policy's rows. */
export function grantCounts(compiled: CompiledPolicy, machines: readonly PolicyNode[], rows: readonly Row[]): ReadonlyMap<number, GrantCount> {
  const subjects = machines.map((machine) => subjectOf(compiled, machine))
  /** How many machines some selectors hit. Rows often have the same ones. Bounded by the policy's rows. */
  const known = new Map<string, number>()
  const hit = (uses: CompiledGrant['src']): number => {
    if (uses.length === 0) return 0
    const key = uses.map(({ selector }) => selector).join(' ')
    const count = known.get(key) ?? subjects.filter((subject) => isSelected(subject, uses)).length
    known.set(key, count)
    return count
  }
  return new Map(rows.map(({ index, rules }) => {
    const grants = rules.flatMap((rule) => compiled.grants[rule] ?? [])
    const from = hit(grants[0]?.src ?? [])
    const dst = grants.flatMap((grant) => grant.dst)
    // Each reaches the others of its person: no more than they are themselves.
    const toSelf = dst.some(({ selector }) => compiled.selectors[selector]?.kind === 'self')
    return [index, { from, to: toSelf ? Math.max(from, hit(dst)) : hit(dst) }]
  }))
}

/** What a page knows of a machine, as policy takes it. */
export type KnownMachine = {
  readonly id: number
  readonly name: string
  readonly addresses: readonly string[]
  readonly tags: readonly string[]
  readonly owner: string | null
}

/** `roles` is a person's role by e-mail in lower case, for the role autogroups. */
export function policyNodes(machines: readonly KnownMachine[], roles: ReadonlyMap<string, 'owner' | 'admin' | 'viewer'>): PolicyNode[] {
  return machines.map(({ id, name, addresses, tags, owner }) => {
    const ownerRole = owner === null ? undefined : roles.get(owner.toLowerCase())
    return { id, name, addresses, tags, ...(owner === null ? {} : { owner }), ...(ownerRole === undefined ? {} : { ownerRole }) }
  })
}

/** How many machines some grant lets use another machine as a relay; by name, or only because of a `*`. */
export function relayUsers(compiled: CompiledPolicy, machines: readonly PolicyNode[]): { readonly named: number; readonly wildcardOnly: number } {
  const grants = compiled.grants.filter((grant) => grant.app.has(relayCapability) && grant.dst.length > 0)
  const wildcard = new Set(compiled.selectors.flatMap((selector, at) => (selector.kind === 'any' ? [at] : [])))
  let named = 0
  let wildcardOnly = 0
  const subjects = machines.map((machine) => subjectOf(compiled, machine).hits)
  const relays = grants.map((grant) => subjects.map((hits) => grant.dst.some(({ selector }) => (hits[selector] ?? 0) > 0)))
  const counts = relays.map((hit) => hit.filter(Boolean).length)
  for (const [at, hits] of subjects.entries()) {
    // A machine's own relay is of no use to it.
    const useful = grants.filter((_, grant) => (counts[grant] ?? 0) > (relays[grant]?.[at] === true ? 1 : 0))
    const uses = useful.flatMap((grant) => grant.src.filter(({ selector }) => (hits[selector] ?? 0) > 0))
    if (uses.some(({ selector }) => !wildcard.has(selector))) named++
    else if (uses.length > 0) wildcardOnly++
  }
  return { named, wildcardOnly }
}
