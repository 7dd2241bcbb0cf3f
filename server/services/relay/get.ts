import { isValid } from '../../../netmap/index.ts'
import { type LimitedPolicy, relayUsers, termsOf } from '../../../policy/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { auditRow } from '../activity/row.ts'
import { systemOf } from '../node/system-name.ts'
import { limitsOf } from './limits.ts'
import { findRelay, relayRow, type RelayContext, type RelayRecord } from './row.ts'
import type { RelayDetail } from './shape.ts'

const maxNames = 50
const maxEvents = 20

/** Who may use it by each grant, and how many of them do now. */
function users(ctx: Pick<RelayContext, 'network' | 'live' | 'clock'>, id: number): Pick<RelayDetail, 'mayUse' | 'mayUseCount'> {
  const { network, live } = ctx
  const relay = network.node(id)
  if (relay === undefined) return { mayUse: [], mayUseCount: 0 }
  const { nodes, policy: inForce, now } = network.network()
  const { written: policy = inForce, usedUp = [] }: LimitedPolicy = inForce
  const using = new Set([...live.sessions().values()].flatMap(({ relayId, aId, bId }) => (relayId === id ? [aId, bId] : [])))
  const all = relayUsers(policy, nodes.filter((node) => isValid(node, now)), relay)
  return {
    mayUse: all.map(({ selector, grantIndex, line, nodes: allowed }) => ({
      selector, grantIndex, line, machines: allowed.length, now: allowed.filter((node) => using.has(node.id)).length,
      names: allowed.slice(0, maxNames).map(({ name }) => name),
      limits: limitsOf(termsOf(policy, policy.grants.filter(({ index }) => index === grantIndex)), relay, ctx),
      usedUp: usedUp.some(({ index }) => index === grantIndex),
    })),
    mayUseCount: new Set(all.flatMap(({ grantIndex, nodes: allowed }) => (usedUp.some(({ index }) => index === grantIndex) ? [] : allowed).map((node) => node.id))).size,
  }
}

function buffersOf({ bufferAsked: asked, bufferReceive: receive, bufferSend: send }: RelayRecord['relay']): RelayDetail['buffers'] {
  return asked === null || receive === null || send === null ? null : { asked, receive, send }
}

/** Throws `not-found`. */
export async function getRelay(ctx: RelayContext, actor: Actor, { id }: { readonly id: number }): Promise<RelayDetail> {
  authorise(actor, 'relays:read')
  const record = await findRelay(ctx.db, id)
  const [row, drops, events] = await Promise.all([
    relayRow(ctx, record),
    ctx.figures.dropsLastHour(),
    ctx.db.auditEvent.findMany({ where: { targetKind: { in: ['relay', 'machine'] }, targetId: String(id) }, orderBy: { id: 'desc' }, take: maxEvents }),
  ])
  const { relay } = record
  return {
    ...row,
    staticEndpoints: relay.staticEndpoints, maxEndpoints: relay.maxEndpoints, handshakesPerSecond: relay.handshakesPerSecond,
    endpoints: ctx.live.relay(id)?.endpoints ?? null,
    revision: record.viewRevision, appliedRevision: record.appliedRevision,
    dataplane: relay.dataplane, buffers: buffersOf(relay), workers: relay.workers, sessionRate: relay.sessionRate === null ? null : Number(relay.sessionRate),
    requestedPort: relay.requestedPort, os: systemOf(record), hostname: record.hostname,
    ...users(ctx, id),
    drops: [...(drops.get(id)?.byReason ?? [])],
    events: events.map(auditRow).map(({ at, actor: by, text }) => ({ at, actor: by.name, text })),
  }
}
