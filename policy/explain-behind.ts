import { overlaps } from './address.ts'
import { type CompiledPolicy, hitBits, isSelected, type SelectorUse, type Subject, subjectOf } from './compile.ts'
import type { OpenPorts } from './explain.ts'
import type { PolicyNode } from './model.ts'
import { formatIpEntry } from './ports.ts'
import { inNetwork6, isExitRoute, subnetRange } from './route.ts'

/** By which rules a machine may reach what lies behind a router at one of its routes, and on which ports; of the default routes: the internet. */
export function openBehind(compiled: CompiledPolicy, src: PolicyNode, router: PolicyNode, route: string): OpenPorts[] {
  const from = subjectOf(compiled, src)
  const to = subjectOf(compiled, router)
  return compiled.grants.flatMap((grant) => {
    if (grant.ip.length === 0 || !isSelected(from, grant.src) || !isThrough(to, grant.via)) return []
    if (!grant.dst.some(({ selector }) => leadsThere(compiled, selector, route, grant.via.length > 0))) return []
    return [{ ports: grant.ip.map(formatIpEntry), line: grant.line }]
  })
}

function isThrough(router: Subject, via: readonly SelectorUse[]): boolean {
  return via.length === 0 || hitBits(router, via) !== 0
}

/** With `via`, `*` leads to routes inside the network's own range alone (spec/policy.md §7.7). */
function leadsThere({ selectors }: CompiledPolicy, selector: number, route: string, isVia: boolean): boolean {
  const found = selectors[selector]
  const range = subnetRange(route)
  switch (found?.kind) {
    case 'any': return !isVia || (range !== undefined && inNetwork6(range))
    case 'internet': return isExitRoute(route)
    case 'range': return range !== undefined && overlaps(range, found.range)
    case 'ipset': return range !== undefined && found.ranges.some((one) => overlaps(range, one))
    default: return false
  }
}
