import type { SelectorUse } from '../compile.ts'
import type { PlacedSelector } from '../model.ts'
import { isAny, union } from './context.ts'
import { removeGrant } from './edits.ts'
import type { Lint, LintContext, LintFinding, LintGrant } from './model.ts'
import { namesOf } from './words.ts'

/** A grant of which one side selects nothing that is there today. */
export const noMachine: Lint = {
  code: 'no-machine',
  find: (context) => context.grants.flatMap((grant) => [...sideOf(context, grant, 'src'), ...sideOf(context, grant, 'dst')]),
}

function sideOf(context: LintContext, grant: LintGrant, side: 'src' | 'dst'): LintFinding[] {
  const { written, compiled } = grant
  const [first] = written[side]
  const what = side === 'src' ? 'source' : 'destination'
  if (first === undefined) return [{ span: written.place, message: `This grant has no ${what}s, so it allows nothing.`, fix: removeGrant(context, grant) }]
  // What the router of a `via` does not carry is said there; of a person who is not known that it is so.
  if (side === 'dst' && written.via.length > 0) return []
  if (written[side].every((use) => isUnknownPerson(context, use))) return []
  if (compiled[side].some((use) => isThere(context, grant, use))) return []
  const reasons = [...new Set(written[side].map((use) => whyNone(context, use)))]
  const verb = written[side].length === 1 ? `This ${what} matches` : `These ${what}s match`
  return [{ span: first.place, message: `${verb} no machine: ${namesOf(reasons)}.`, fix: removeGrant(context, grant) }]
}

function isUnknownPerson({ people }: LintContext, { selector }: PlacedSelector): boolean {
  return selector.kind === 'person' && people !== undefined && !people.has(selector.email)
}

function isThere(context: LintContext, grant: LintGrant, { selector }: SelectorUse): boolean {
  const found = context.compiled.selectors[selector]
  switch (found?.kind) {
    case 'any': case 'danger-all': return true
    // Whose machines the sources are decides what it selects.
    case 'self': return isAny(union(context, grant.compiled.src)) && context.network.nodes.some(({ tags }) => tags.length === 0)
    default: return isAny(context.bits(selector)) || context.isBehind(selector)
  }
}

function whyNone({ policy }: LintContext, { text, selector }: PlacedSelector): string {
  switch (selector.kind) {
    case 'tag': return `no machine carries ${text}`
    case 'group': return (policy.groups.get(selector.name)?.length ?? 0) === 0 ? `${text} has no people` : `nobody in ${text} has an untagged machine`
    case 'person': return `${text} has no untagged machine`
    case 'domain': return `nobody of ${selector.domain} has an untagged machine`
    case 'autogroup': return `no machine is in ${text}`
    case 'self': return 'none of the sources is a person’s untagged machine'
    case 'internet': return 'no exit node is approved'
    case 'range': case 'ipset': return `no machine and no approved route has ${text}`
    case 'any': case 'danger-all': return 'no machine has joined'
  }
}
