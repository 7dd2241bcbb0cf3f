import { authorise, type Actor } from '../actor.ts'
import type { ServiceContext } from '../context.ts'
import { nodeInclude } from '../network/load.ts'
import { actualState, isRelayRecord } from '../relay/row.ts'
import { readSettings } from '../setting/get.ts'
import { attentionItems } from './attention.ts'
import type { Overview } from './shape.ts'

/** Is everything well: what is wanted and what is, and what needs somebody, each with its fix. */
export async function getOverview(ctx: ServiceContext, actor: Actor): Promise<Overview> {
  authorise(actor, 'relays:read')
  const [records, settings, peak, sessionsHourAgo, drops] = await Promise.all([
    ctx.db.node.findMany({ include: nodeInclude, orderBy: { name: 'asc' } }),
    readSettings(ctx.db),
    ctx.figures.peakLastHour(),
    ctx.figures.sessionsHourAgo(),
    ctx.figures.dropsLastHour(),
  ])
  // One that waits for approval is a question, asked among what needs somebody; it is no relay yet.
  const relays = records.filter(isRelayRecord).filter(({ authorized }) => authorized).map((record) => ({ record, ...actualState({ record, network: ctx.network, sessions: ctx.live.sessionCount(record.id) }) }))
  // Of relays that are there, as their own pages say it: one that was removed has none.
  const ofRelays = relays.flatMap(({ record }) => drops.get(record.id) ?? [])
  /** By reason, over all relays. Bounded: reasons of drops. */
  const byReason = new Map<string, number>()
  for (const one of ofRelays) for (const { reason, count } of one.byReason) byReason.set(reason, (byReason.get(reason) ?? 0) + count)
  const [topDrop] = [...byReason].toSorted((a, b) => b[1] - a[1])
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
  const rate = sum(ctx.live.relays().map(({ bitsOut }) => bitsOut))
  return {
    networkName: settings.networkName,
    version: ctx.server.version,
    relaysWanted: relays.filter(({ record }) => record.relay.advertised).length,
    relaysUp: relays.filter(({ record, state }) => record.relay.advertised && state === 'relaying').length,
    relayStates: relays.map(({ state }) => state),
    sessions: ctx.live.sessionCount(),
    sessionsHourAgo,
    rate,
    // The series is up to ten seconds behind.
    peak: rate > (peak?.rate ?? 0) ? { rate, at: new Date(ctx.clock.now()) } : peak,
    derpRate: ctx.live.derpRate(),
    dropsLastHour: sum([...byReason.values()]),
    packetsLastHour: sum(ofRelays.map(({ packets }) => packets)),
    topDrop: topDrop?.[0] ?? null,
    machines: records.length,
    attention: attentionItems(ctx, records, relays, ctx.network.quotas.uses()),
  }
}
