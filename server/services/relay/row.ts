import { TowpathError } from '../../errors/index.ts'
import type { NodeRecord } from '../network/load.ts'
import { nodeInclude } from '../network/load.ts'
import { relayAddressesSchema, relayStateSchema } from '../network/stored.ts'
import type { ServiceContext } from '../context.ts'
import { clientState, offlineState, consentOf } from './client.ts'
import type { RelayRow, RelayState } from './shape.ts'

/** What a relay's row is read from. */
export type RelayContext = Pick<ServiceContext, 'db' | 'clock' | 'network' | 'live' | 'figures'>

export type RelayRecord = NodeRecord & { readonly relay: NonNullable<NodeRecord['relay']> }

export function isRelayRecord(record: NodeRecord): record is RelayRecord {
  return record.relay !== null
}

/** All relays, by name. */
export async function findRelays(db: ServiceContext['db']): Promise<RelayRecord[]> {
  return (await db.node.findMany({ where: { relay: { isNot: null } }, include: nodeInclude, orderBy: { name: 'asc' } })).filter(isRelayRecord)
}

/** Throws `not-found`. */
export async function findRelay(db: Pick<ServiceContext['db'], 'node'>, id: number): Promise<RelayRecord> {
  const record = await db.node.findUnique({ where: { id }, include: nodeInclude })
  if (record !== null && isRelayRecord(record)) return record
  throw new TowpathError({
    code: 'not-found',
    text: record === null ? `There is no machine ${id}` : `${record.name} is not a relay`,
    fix: record === null ? 'Reload: it may have been removed' : 'Only a machine with the agent relays: join it with an auth key',
    path: 'id',
  })
}

/** Wanted and reported, as one state with its words. What was asked for and not reported yet is never shown as done. */
export function actualState(
  { record, network, sessions }: { readonly record: RelayRecord; readonly network: ServiceContext['network']; readonly sessions: number },
): { readonly state: RelayState; readonly stateText: string } {
  const { relay } = record
  if (!record.authorized) return { state: 'off', stateText: 'Waits for approval' }
  if (record.kind === 'client') return clientState(record, network)
  const reported = relayStateSchema.parse(relay.state)
  // At once: clients keep a relay for the moment that a channel takes to come back, but what is shown is what is known.
  if (!network.isOnline(relay.nodeId)) return offlineState(network, relay.nodeId, 'agent', relay.advertised)
  if (relay.advertised && reported === 'off') return { state: 'starting', stateText: 'Waiting for its agent' }
  if (!relay.advertised && (reported === 'relaying' || reported === 'draining')) {
    return { state: 'draining', stateText: sessions === 1 ? '1 session left' : `${sessions} sessions left` }
  }
  return { state: reported, stateText: relay.stateText }
}

export async function relayRows(ctx: RelayContext, records: readonly RelayRecord[]): Promise<RelayRow[]> {
  const [sparklines, drops] = await Promise.all([ctx.figures.sparklines(records.map(({ id }) => id)), ctx.figures.dropsLastHour()])
  return records.map((record): RelayRow => {
    const { id, relay } = record
    const sessions = ctx.live.sessionCount(id)
    const rates = ctx.live.relay(id)
    const { state, stateText } = actualState({ record, network: ctx.network, sessions })
    const offlineSince = ctx.network.offlineSince(id)
    return {
      id, name: record.name, kind: record.kind === 'client' ? 'client' : 'agent', tags: record.tags, approved: record.authorized,
      advertised: relay.advertised, state, stateText,
      port: relay.port, boundPort: relay.boundPort, addresses: relayAddressesSchema.parse(relay.addresses),
      region: relay.region, version: record.version, sessions,
      rateIn: rates?.bitsIn ?? null, rateOut: rates?.bitsOut ?? null,
      dropsLastHour: drops.get(id)?.drops ?? 0, packetsLastHour: drops.get(id)?.packets ?? 0, sparkline: sparklines.get(id) ?? [],
      online: ctx.network.isOnline(id), offlineSince: offlineSince === undefined ? null : new Date(offlineSince), lastSeen: record.lastSeen,
      client: record.kind === 'client' ? consentOf(record) : null,
    }
  })
}

export async function relayRow(ctx: RelayContext, record: RelayRecord): Promise<RelayRow> {
  const [row] = await relayRows(ctx, [record])
  if (!row) throw new Error('one record gives one row')
  return row
}
