import { mayReach } from '../access.ts'
import type { CompiledPolicy } from '../compile.ts'
import type { PolicyNode } from '../model.ts'
import { formatPorts, portsOf } from './ports.ts'

/** On what one machine may reach another at its own addresses, as grants write ports, by all grants together; empty: it may not. */
export function reachBetween(compiled: CompiledPolicy, src: PolicyNode, dst: PolicyNode): string {
  const access = mayReach(compiled, src, dst)
  if (!access.allowed) return ''
  const by = new Set(access.lines.map(({ grantIndex }) => grantIndex))
  return formatPorts(portsOf(compiled.grants.filter(({ index }) => by.has(index)).flatMap(({ ip }) => ip)))
}
