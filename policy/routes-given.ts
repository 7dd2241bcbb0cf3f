import { type AddressRange, overlaps } from './address.ts'
import { type CompiledGrant, type CompiledPolicy, hitBits, isSelected, type SelectorUse, type Subject } from './compile.ts'
import { inNetwork6 } from './route.ts'

/** Whether a viewer is given a subnet route, if it sees who routes it: it may send there, or must answer what comes from there (spec/policy.md §9). */
export function usesRoute(compiled: CompiledPolicy, viewer: Subject, route: AddressRange): boolean {
  return compiled.grants.some((grant) => grant.via.length === 0 &&
    ((names(compiled, grant.dst, route) && isSelected(viewer, grant.src)) || (names(compiled, grant.src, route) && isSelected(viewer, grant.dst))))
}

/** The grants by which a viewer sends to a subnet route through routers with some tag alone. They choose the router where `usesRoute` does not hold. */
export function viaGrants(compiled: CompiledPolicy, viewer: Subject, route: AddressRange): CompiledGrant[] {
  return compiled.grants.filter((grant) => grant.via.length > 0 && isSelected(viewer, grant.src) &&
    grant.dst.some(({ selector }) => (compiled.selectors[selector]?.kind === 'any' ? inNetwork6(route) : isNamed(compiled, selector, route))))
}

function names(compiled: CompiledPolicy, uses: readonly SelectorUse[], route: AddressRange): boolean {
  return uses.some(({ selector }) => isNamed(compiled, selector, route))
}

/** Whether a selector stands for addresses behind a route. */
export function isNamed({ selectors }: CompiledPolicy, selector: number, route: AddressRange): boolean {
  const found = selectors[selector]
  switch (found?.kind) {
    case 'any': case 'danger-all': return true
    case 'range': return overlaps(found.range, route)
    case 'ipset': return found.ranges.some((range) => overlaps(range, route))
    default: return false
  }
}

/** Whether a viewer is offered an exit node that it sees; without `exitNode`, whether any that no tag is asked of. */
export function usesExitNodes(compiled: CompiledPolicy, viewer: Subject, exitNode?: Subject): boolean {
  const leadsOut = ({ selector }: SelectorUse): boolean => {
    const kind = compiled.selectors[selector]?.kind
    return kind === 'any' || kind === 'internet'
  }
  const hasTag = (via: readonly SelectorUse[]): boolean => via.length === 0 || (exitNode !== undefined && hitBits(exitNode, via) !== 0)
  // A capability alone lets nothing through an exit node's filter.
  return compiled.grants.some((grant) => grant.ip.length > 0 && hasTag(grant.via) && grant.dst.some(leadsOut) && isSelected(viewer, grant.src))
}
