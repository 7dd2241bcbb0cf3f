import { createHash } from 'node:crypto'
import { approvedByPolicy, approversText, type Policy, relayApproval } from '../../../policy/index.ts'
import type { Tx } from '../../db/client.ts'
import { systemActor } from '../actor.ts'
import { type Audit, withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { nodeInclude, type NodeRecord, offeredRoutes } from '../network/load.ts'
import { machineTarget } from '../node/row.ts'
import { maxApprovedRoutes } from '../node/shape.ts'
import { lockNode, lockRelay } from '../node/tables.ts'
import { storedRole } from '../person/row.ts'

type ApproveContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>

const actor = systemActor('The policy')

/** Of each policy once. Bounded: gone with the policy. */
const texts = new WeakMap<Policy, string>()

/** All that decides what the policy approves on a machine: approved is what is new in it, so that what somebody took back stays so meanwhile. */
function questionOf(policy: Policy, record: NodeRecord): string {
  const approvers = texts.get(policy) ?? approversText(policy)
  texts.set(policy, approvers)
  const { kind, tags, owner, authorized, relay } = record
  const said = kind === 'client' ? offeredRoutes(record) : [authorized, relay?.requestedPort ?? null]
  return createHash('sha256').update(JSON.stringify([said, tags.toSorted(), owner && [owner.email, owner.role], approvers])).digest('base64url')
}

/**
 * Approves what machines offer and the policy approves by itself (spec/policy.md §11): routes, exit nodes, and agents that relay. Only what
 * changed is asked about: an offer, a tag, an owner, the approvers. Nothing is taken back. `ids` absent: all machines.
 */
export async function approveByPolicy(ctx: ApproveContext, ids?: readonly number[]): Promise<void> {
  const { autoApprovers: { routes, exitNode, relays } } = ctx.network.policy()
  if (routes.length + exitNode.length + relays.length === 0) {
    // The same approvers, should they come back, are asked anew.
    if (ids === undefined) await ctx.db.node.updateMany({ where: { NOT: { approvalsFor: '' } }, data: { approvalsFor: '' } })
    return
  }
  const records = await ctx.db.node.findMany({ where: { kind: { in: ['client', 'agent'] }, ...(ids !== undefined && { id: { in: [...ids] } }) }, include: nodeInclude })
  for (const record of records) {
    if (record.approvalsFor !== questionOf(ctx.network.policy(), record)) await approve(ctx, record.id)
  }
}

async function approve(ctx: ApproveContext, id: number): Promise<void> {
  const causes = await withAudit(ctx, actor, async (tx, audit) => {
    await lockNode(tx, id)
    await lockRelay(tx, id)
    const record = await tx.node.findUnique({ where: { id }, include: nodeInclude })
    const policy = ctx.network.policy()
    if (record === null) return undefined
    const approvalsFor = questionOf(policy, record)
    if (record.approvalsFor === approvalsFor) return undefined
    await tx.node.update({ where: { id }, data: { approvalsFor } })
    const route = record.kind === 'client' ? await approveRoutes(tx, audit, policy, record) : undefined
    const relay = record.kind === 'agent' ? await turnOn(tx, audit, policy, record) : undefined
    return { route, relay }
  })
  if (causes?.route !== undefined) ctx.bus.publish('node.changed', { nodeId: id, cause: causes.route })
  if (causes?.relay !== undefined) ctx.bus.publish('relay.changed', { nodeId: id, cause: causes.relay })
}

const offering = ({ tags, owner }: NodeRecord) => ({ tags, ...(owner !== null && { owner: owner.email, ownerRole: storedRole(owner.role) }) })
const linesText = (lines: readonly number[]): string => (lines.length === 1 ? `line ${lines.join()}` : `lines ${lines.join(', ')}`)

/** The cause for others; undefined: there is nothing new. */
async function approveRoutes(tx: Tx, audit: Audit, policy: Policy, record: NodeRecord): Promise<string | undefined> {
  const { id, name, approvedRoutes: before } = record
  const fresh = approvedByPolicy(policy, offering(record), offeredRoutes(record)).filter(({ route }) => !before.includes(route))
    // No more than by hand: a router that offers others each day would have ever more.
    .slice(0, Math.max(0, maxApprovedRoutes - before.length))
  if (fresh.length === 0) return undefined
  const approvedRoutes = [...before, ...fresh.map(({ route }) => route)].toSorted()
  const lines = [...new Set(fresh.map(({ line }) => line))].toSorted((a, b) => a - b)
  await tx.node.update({ where: { id }, data: { approvedRoutes } })
  audit({ action: 'machine.approve-routes', target: machineTarget(record), before: { approvedRoutes: before }, after: { approvedRoutes, approved: fresh.map(({ route }) => route), lines } })
  return `routes of ${name} approved by the policy, ${linesText(lines)}`
}

/** The one click that an agent needs before it relays: its switch, on the port that its machine asks for. Whoever decided before decides on. */
async function turnOn(tx: Tx, audit: Audit, policy: Policy, record: NodeRecord): Promise<string | undefined> {
  const { id, name, relay, authorized } = record
  const line = relayApproval(policy, offering(record))
  if (line === undefined || relay === null || relay.decided || relay.advertised || !authorized) return undefined
  const port = relay.requestedPort ?? relay.port
  await tx.relay.update({ where: { nodeId: id }, data: { advertised: true, decided: true, port } })
  audit({
    action: 'relay.approve', target: { kind: 'relay', id: String(id), name }, before: { advertised: false, ...(port !== relay.port && { port: relay.port }) },
    after: { advertised: true, ...(port !== relay.port && { port }), lines: [line] },
  })
  return `turned on by the policy, line ${line}`
}
