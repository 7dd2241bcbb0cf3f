import type { Node } from '../syntax.ts'
import type { PlacedSelector } from '../model.ts'
import type { Reporter } from '../problem.ts'
import { type Member, spanOf } from '../shape.ts'
import { isPeople } from './positions.ts'
import type { Reading } from './reading.ts'
import { readSelectors } from './selectors.ts'

/** The sources or destinations of a rule, which it must have. */
export function readSide(
  rule: Node, member: Member | undefined, key: 'src' | 'dst', what: 'grant' | 'acl', reading: Reading,
): PlacedSelector[] {
  if (member !== undefined) return readSelectors(member.value, `"${member.key}"`, key === 'src' ? 'source' : 'destination', reading)
  reportMissing(rule, key, what, reading.report)
  return []
}

export function reportMissing(rule: Node, key: string, what: string, report: Reporter): void {
  report.error(spanOf(rule), 'missing-key', `This ${what} has no "${key}".`)
}

/** A condition that is not checked here may not be left out either: that would widen access. */
export function postureRefused(key: string): { readonly error: string; readonly code: 'posture' } {
  return { error: `"${key}" is refused: device conditions are not checked here, and dropping one would widen access.`, code: 'posture' }
}

/** `autogroup:self` only makes sense for people (spec/policy.md §5); `any`: whether `*` counts as such, as in acls. */
export function checkSelf(
  src: readonly PlacedSelector[], dst: readonly PlacedSelector[], report: Reporter, { any }: { readonly any: boolean },
): void {
  if (!dst.some(({ selector }) => selector.kind === 'self')) return
  for (const { text, selector, place } of src) {
    if (isPeople(selector) || (any && selector.kind === 'any')) continue
    const allowed = any ? '"*", people' : 'people'
    report.error(place, 'self-source', `"${text}" cannot reach "autogroup:self": its sources are ${allowed}, groups, autogroup:member and role autogroups.`)
  }
}
