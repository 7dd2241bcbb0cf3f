import type { z } from 'zod'
import { canonicalRoute, exitRoutes, isExitRoute, routeProblem } from '../../../policy/index.ts'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { findMachine, machineRow, machineTarget, type MachineContext } from './row.ts'
import { setRoutesSchema, type MachineRow } from './shape.ts'
import { lockNode } from './tables.ts'

/** Canonical and each once. Throws `invalid` with the position of what cannot be routed. */
function checked(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text, at) => {
    const route = canonicalRoute(text)
    const problem = routeProblem(text)
    if (problem !== undefined) {
      throw new TowpathError({ code: 'invalid', text: `${text} ${problem}`, fix: 'Approve prefixes of the networks behind this machine only', path: `routes.${at}` })
    }
    if (route === undefined || isExitRoute(route)) {
      throw new TowpathError({ code: 'invalid', text: `${text} is everything: that is an exit node`, fix: 'Approve it as an exit node, which is both default routes at once', path: `routes.${at}` })
    }
    return route
  }))]
}

/**
 * Which prefixes a machine may route for others, and whether it may be an exit node: in force is what it also offers.
 * Replaces what was approved before. Throws `not-found`, or `invalid` for a prefix that nobody routes or a machine that is no stock client.
 */
export async function setMachineRoutes(ctx: MachineContext & Pick<ServiceContext, 'bus'>, actor: Actor, input: z.input<typeof setRoutesSchema>): Promise<MachineRow> {
  authorise(actor, 'machines:write')
  const { id, routes, exitNode } = setRoutesSchema.parse(input)
  const approvedRoutes = [...checked(routes), ...(exitNode ? exitRoutes : [])].toSorted()
  const changed = await withAudit(ctx, actor, async (tx, audit) => {
    await lockNode(tx, id)
    const known = await findMachine(tx, id)
    if (known.kind !== 'client' && approvedRoutes.length > 0) {
      throw new TowpathError({ code: 'invalid', text: `${known.name} routes nothing: it is ${known.kind === 'agent' ? 'an agent' : 'a simulated peer'}`, fix: 'Join a stock client on that machine with --advertise-routes', path: 'id' })
    }
    if (known.approvedRoutes.toSorted().join() === approvedRoutes.join()) return undefined
    await tx.node.update({ where: { id }, data: { approvedRoutes } })
    audit({ action: 'machine.set-routes', target: machineTarget(known), before: { approvedRoutes: known.approvedRoutes }, after: { approvedRoutes } })
    return known.name
  })
  if (changed !== undefined) {
    ctx.bus.publish('node.changed', { nodeId: id, cause: `routes of ${changed} changed by ${actor.name}` })
    await ctx.network.settled()
  }
  return machineRow(ctx, await findMachine(ctx.db, id))
}
