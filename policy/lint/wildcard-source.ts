import { selectedBy } from '../selected.ts'
import { type Selector, selectorKey } from '../selector.ts'
import { nodesIn, union } from './context.ts'
import type { Lint, LintContext, LintFinding, LintNode } from './model.ts'
import { isRelayGrant } from './relays.ts'
import { machines, namesOf } from './words.ts'

/** More than this many selectors together are no better than the wildcard. */
const mostSelectors = 3

/** Everybody may use a relay by a `*`: the fix names those who do, or as few others as can be. */
export const wildcardSource: Lint = {
  code: 'wildcard-source',
  find: (context): LintFinding[] => {
    const wide = context.grants.filter((grant) => isRelayGrant(grant) && grant.written.src.some(({ selector }) => isWide(selector)))
    if (wide.length === 0) return []
    const narrow = narrower(context)
    return wide.flatMap(({ written, compiled }): LintFinding[] => {
      const relays = nodesIn(context, union(context, compiled.dst)).filter(({ isRelay }) => isRelay === true)
      const use = written.src.find(({ selector }) => isWide(selector))
      const clients = context.network.nodes.filter((node) => relays.length > 1 || node !== relays[0])
      if (use === undefined || relays.length === 0 || clients.length < 2) return []
      const ids = new Set(relays.flatMap(({ id }) => context.network.relayUsers?.get(id) ?? []))
      const users = clients.filter(({ id }) => ids.has(id))
      const names = narrow(users.length > 0 ? users : clients.filter(({ isRelay }) => isRelay !== true))
      const message = `Wildcard source on a relay: ${clients.length === 2 ? 'both other machines' : `all ${machines(clients.length)}`} may use ${namesOf(relays.map(({ name }) => name))}.`
      if (names.length === 0) return [{ span: use.place, message, advice: 'Name who is to use it: people, groups or tags.' }]
      return [{
        span: use.place,
        message: users.length > 0 ? `${message} ${relays.length === 1 ? 'Its' : 'Their'} sessions all come from ${namesOf(names)}.` : message,
        fix: { label: `Use ${namesOf(names)}`, offset: use.place.offset, length: use.place.length, replacement: names.map((name) => JSON.stringify(name)).join(', ') },
      }]
    })
  },
}

function isWide({ kind }: Selector): boolean {
  return kind === 'any' || kind === 'danger-all'
}

type Candidate = { readonly text: string; readonly nodes: ReadonlySet<LintNode> }

/** Selectors that together hit all of some machines and, of others, as few as can be found quickly; empty: none but everybody. */
function narrower(context: LintContext): (users: readonly LintNode[]) => string[] {
  const candidates = candidatesIn(context)
  /** Most wildcard grants are for the same machines. Bounded by them. */
  const known = new Map<string, string[]>()
  return (users) => {
    const key = users.map(({ id }) => id).join()
    const names = known.get(key) ?? narrowest(candidates, users)
    known.set(key, names)
    return names
  }
}

function narrowest(candidates: readonly Candidate[], users: readonly LintNode[]): string[] {
  const left = new Set(users)
  const chosen: Candidate[] = []
  while (left.size > 0 && chosen.length < mostSelectors) {
    const whole = candidates.filter(({ nodes }) => [...left].every((node) => nodes.has(node))).toSorted((a, b) => a.nodes.size - b.nodes.size)[0]
    const next = whole ?? best(candidates, left)
    if (next === undefined) return []
    chosen.push(next)
    for (const node of next.nodes) left.delete(node)
  }
  const names = chosen.map(({ text }) => text)
  // Every machine is one or the other: both are no better than the wildcard.
  const isEverybody = names.includes('autogroup:member') && names.includes('autogroup:tagged')
  return left.size > 0 || isEverybody ? [] : names
}

/** The one that covers most for each machine it adds. */
function best(candidates: readonly Candidate[], left: ReadonlySet<LintNode>): Candidate | undefined {
  const scored = candidates.flatMap((candidate) => {
    const useful = [...candidate.nodes].filter((node) => left.has(node)).length
    return useful === 0 ? [] : [{ candidate, score: useful / (candidate.nodes.size - useful + 1) }]
  })
  return scored.toSorted((a, b) => b.score - a.score)[0]?.candidate
}

/** Tags, groups, people that the policy or a machine names, and the two autogroups that part all machines. */
function candidatesIn({ policy, network }: LintContext): Candidate[] {
  const people = new Set(network.nodes.flatMap(({ owner, tags }) => (owner === undefined || tags.length > 0 ? [] : [owner.toLowerCase()])))
  const selectors: Selector[] = [
    ...[...policy.tagOwners.keys()].map((name): Selector => ({ kind: 'tag', name })),
    ...[...policy.groups.keys()].map((name): Selector => ({ kind: 'group', name })),
    { kind: 'autogroup', name: 'member' }, { kind: 'autogroup', name: 'tagged' },
    ...[...people].map((email): Selector => ({ kind: 'person', email })),
  ]
  const selected = selectedBy(policy, selectors, network.nodes)
  return selectors.map((selector) => ({ text: selectorKey(selector), nodes: new Set(selected(selector).own) }))
}
