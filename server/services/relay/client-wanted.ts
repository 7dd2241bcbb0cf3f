import { systemActor } from '../actor.ts'
import { withAudit, type AuditEntry } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { nodeInclude } from '../network/load.ts'
import { relayAddressesSchema } from '../network/stored.ts'
import { lockRelay } from '../node/tables.ts'
import { consentOf, isPending } from './client.ts'

type ClientRelayContext = Pick<ServiceContext, 'db' | 'bus' | 'clock'>

/** Who does what follows from a decision, and reads what pages show. */
const actor = systemActor('Towpath')

/** What is wanted of a stock relay, and what it last said. */
export interface ClientRelay {
  readonly id: number
  readonly name: string
  readonly advertised: boolean
  readonly port: number
  readonly staticEndpoints: readonly string[]
  /** Its owner lets this network set it. */
  readonly remoteConfig: boolean
  /** Of what is wanted; `applied` is the one that it goes by. */
  readonly revision: number
  readonly isPending: boolean
  readonly isOn: boolean
}

/** Undefined: it is no stock client with a relay. */
export async function clientRelay({ db }: Pick<ServiceContext, 'db'>, id: number): Promise<ClientRelay | undefined> {
  const record = await db.node.findUnique({ where: { id }, include: nodeInclude })
  if (record === null || record.kind !== 'client' || record.relay === null) return undefined
  const { name, relay, viewRevision } = record
  return {
    id, name, advertised: relay.advertised, port: relay.port, staticEndpoints: relay.staticEndpoints,
    remoteConfig: consentOf(record).remoteConfig, revision: viewRevision, isPending: isPending(record), isOn: relay.state === 'relaying',
  }
}

/** A stock client's own settings, as far as they are its relay's. */
export interface ClientPrefs {
  /** Null: it does not relay; 0: a port that it chooses itself and tells nobody. */
  readonly port: number | null
  readonly staticEndpoints: readonly string[]
}

/** What its settings are; with `revision` it goes by that one. Until somebody decides here, what is wanted is what it has. */
export async function reportClientPrefs(ctx: ClientRelayContext, nodeId: number, { port, staticEndpoints }: ClientPrefs, revision?: number): Promise<void> {
  const isChanged = await ctx.db.$transaction(async (tx) => {
    // What somebody decides here at the same moment stands.
    await lockRelay(tx, nodeId)
    const known = await tx.node.findUnique({ where: { id: nodeId }, include: nodeInclude })
    const relay = known?.relay
    if (!known || !relay) return false
    const addresses = staticEndpoints.map((address) => ({ address, source: 'static' as const }))
    const follows = known.viewRevision === 0 || !consentOf(known).remoteConfig
    const data = {
      state: port === null ? 'off' : 'relaying', stateText: '', boundPort: port === 0 ? null : port, addresses,
      ...(follows && port !== null && port > 0 ? { port } : {}), ...(follows ? { staticEndpoints: [...staticEndpoints] } : {}),
    }
    const text = (list: unknown): string => relayAddressesSchema.parse(list).map(({ address }) => address).join()
    const isApplied = revision !== undefined && known.appliedRevision !== revision
    const isOther = relay.state !== data.state || relay.stateText !== '' || relay.boundPort !== data.boundPort || text(relay.addresses) !== text(addresses)
      || (data.port ?? relay.port) !== relay.port || (data.staticEndpoints ?? relay.staticEndpoints).join() !== relay.staticEndpoints.join()
    if (!isApplied && !isOther) return false
    await tx.relay.update({ where: { nodeId }, data: { ...data, reportedAt: new Date(ctx.clock.now()) } })
    if (revision !== undefined) await tx.node.update({ where: { id: nodeId }, data: { appliedRevision: revision } })
    return true
  })
  if (isChanged) ctx.bus.publish('relay.changed', { nodeId, cause: '' })
}

/** The client goes by this revision; its settings are not known anew. */
export async function reportClientApplied({ db, bus }: ClientRelayContext, nodeId: number, revision: number): Promise<void> {
  const { count } = await db.node.updateMany({ where: { id: nodeId, NOT: { appliedRevision: revision } }, data: { appliedRevision: revision } })
  if (count > 0) bus.publish('relay.changed', { nodeId, cause: '' })
}

/** Why what is wanted could not be set. */
export async function reportClientFailure({ db, bus }: ClientRelayContext, nodeId: number, text: string): Promise<void> {
  const { count } = await db.relay.updateMany({ where: { nodeId, NOT: { stateText: text } }, data: { stateText: text } })
  if (count > 0) bus.publish('relay.changed', { nodeId, cause: '' })
}

/** Writes down what was asked of a stock client, or done to it: such power is not used unseen (spec/coordination.md §10). */
export async function auditClientRelay(ctx: ClientRelayContext, { id, name }: Pick<ClientRelay, 'id' | 'name'>, action: string, after: NonNullable<AuditEntry['after']>): Promise<void> {
  await withAudit(ctx, actor, async (_, audit) => audit({ action, target: { kind: 'relay', id: String(id), name }, after }))
}
