import { type AddressRange, overlaps } from './address.ts'
import { type CompiledPolicy, isSelected, type SelectorUse, type Subject } from './compile.ts'

/** Whether a viewer is given a subnet route, if it sees who routes it: it may send there, or must answer what comes from there (spec/policy.md §9). */
export function usesRoute(compiled: CompiledPolicy, viewer: Subject, route: AddressRange): boolean {
  const names = (uses: readonly SelectorUse[]): boolean => uses.some(({ selector }) => {
    const found = compiled.selectors[selector]
    return found?.kind === 'any' || (found?.kind === 'range' && overlaps(found.range, route))
  })
  return compiled.grants.some((grant) => (names(grant.dst) && isSelected(viewer, grant.src)) || (names(grant.src) && isSelected(viewer, grant.dst)))
}

/** Whether a viewer is offered the exit nodes that it sees. */
export function usesExitNodes(compiled: CompiledPolicy, viewer: Subject): boolean {
  const leadsOut = ({ selector }: SelectorUse): boolean => {
    const kind = compiled.selectors[selector]?.kind
    return kind === 'any' || kind === 'internet'
  }
  // A capability alone lets nothing through an exit node's filter.
  return compiled.grants.some((grant) => grant.ip.length > 0 && grant.dst.some(leadsOut) && isSelected(viewer, grant.src))
}
