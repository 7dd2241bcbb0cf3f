import { isExitRoute, routeProblem } from '../../../policy/index.ts'
import { offeredRoutes, type NodeRecord } from '../network/load.ts'
import type { MachineContext } from './row.ts'
import type { MachineRoute, MachineRow } from './shape.ts'

/** An exit node's two routes count as one, and so does either of them. */
export function exitNodeOf(record: NodeRecord): MachineRow['exitNode'] {
  const offered = offeredRoutes(record).some(isExitRoute)
  const approved = record.approvedRoutes.some(isExitRoute)
  if (offered) return approved ? 'approved' : 'offered'
  return approved ? 'approved-not-offered' : 'no'
}

/** Subnet routes that it offers, that somebody may approve, and that nobody has. */
export function routesToApprove(record: NodeRecord): string[] {
  return offeredRoutes(record).filter((route) => !isExitRoute(route) && routeProblem(route) === undefined && !record.approvedRoutes.includes(route))
}

/** Every subnet route that it offers or that was approved, and who carries it. */
export function machineRoutes({ network }: Pick<MachineContext, 'network'>, record: NodeRecord): MachineRoute[] {
  const offered = new Set(offeredRoutes(record))
  const { nodes, primaries } = network.network()
  return [...new Set([...offered, ...record.approvedRoutes])].filter((route) => !isExitRoute(route)).toSorted().map((route) => {
    const carrier = primaries?.get(route)
    return {
      route, offered: offered.has(route), approved: record.approvedRoutes.includes(route),
      problem: routeProblem(route) ?? '',
      carries: carrier === record.id,
      carrier: carrier === undefined ? '' : nodes.find(({ id }) => id === carrier)?.name ?? '',
      others: nodes.filter(({ id, routes }) => id !== record.id && routes.includes(route)).map(({ id, name }) => ({ id, name })),
    }
  })
}
