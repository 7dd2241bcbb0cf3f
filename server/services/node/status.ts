import { formatAddrPort, parseAddrPort } from '../../../lib/addr-port.ts'
import type { FromNode, RelayStatus } from '../../../protocol/channel/index.ts'
import type { Prisma } from '../../db/client.ts'
import { withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { nodeInclude, type NodeRecord } from '../network/load.ts'
import { relayAddressesSchema } from '../network/stored.ts'

type Status = Extract<FromNode, { type: 'status' }>
type StatusContext = Pick<ServiceContext, 'db' | 'bus' | 'clock'>

/** Addresses in canonical text, each once; what is none is left out, as a claim of the node's. */
function canonical(texts: readonly string[]): string[] {
  return [...new Set(texts.flatMap((text) => {
    const parsed = parseAddrPort(text)
    return parsed.ok && parsed.value.port > 0 ? [formatAddrPort(parsed.value)] : []
  }))]
}

/** The database orders the members of JSON in its own way. */
function spelled(addresses: unknown): string {
  return relayAddressesSchema.parse(addresses).map(({ address, source }) => `${source} ${address}`).join()
}

/** A column's integer; what was not told is null. */
const int4 = (value: number | undefined): number | null => (value === undefined ? null : Math.min(Math.floor(value), 0x7fff_ffff))

function relayData(relay: RelayStatus, now: Date): Prisma.RelayUncheckedUpdateInput & { readonly requestedPort: number | null } {
  return {
    state: relay.state, stateText: relay.text, boundPort: relay.port, dataplane: relay.dataplane, reportedAt: now,
    bufferAsked: int4(relay.buffers?.asked), bufferReceive: int4(relay.buffers?.receive), bufferSend: int4(relay.buffers?.send), workers: int4(relay.workers),
    sessionRate: relay.sessionRate === undefined ? null : BigInt(relay.sessionRate),
    addresses: relay.addresses.flatMap(({ address, source }) => canonical([address]).map((text) => ({ address: text, source }))),
    requestedPort: relay.requestedPort !== undefined && relay.requestedPort >= 1 && relay.requestedPort <= 65_535 ? relay.requestedPort : null,
  }
}

/** What a node says of itself: its home DERP, where it may be reached, and its relay as it is. */
export async function reportStatus(ctx: StatusContext, nodeId: number, { homeDerp, endpoints, relay }: Status): Promise<void> {
  const known = await ctx.db.node.findUnique({ where: { id: nodeId }, include: nodeInclude })
  // Removed meanwhile.
  if (known === null) return
  await nodeStatus(ctx, known, Math.max(0, Math.min(homeDerp, 0xffff)), canonical(endpoints))
  if (relay !== undefined && known.relay !== null) await relayStatus(ctx, known, known.relay, relay)
}

async function nodeStatus({ db, bus }: StatusContext, known: NodeRecord, homeDerp: number, endpoints: readonly string[]): Promise<void> {
  if (known.homeDerp === homeDerp && known.endpoints.join() === endpoints.join()) return
  const { count } = await db.node.updateMany({ where: { id: known.id }, data: { homeDerp, endpoints: [...endpoints] } })
  if (count > 0) bus.publish('node.changed', { nodeId: known.id, cause: `${known.name} has other addresses` })
}

async function relayStatus(ctx: StatusContext, known: NodeRecord, stored: NonNullable<NodeRecord['relay']>, relay: RelayStatus): Promise<void> {
  const data = relayData(relay, new Date(ctx.clock.now()))
  const { requestedPort } = data
  if (requestedPort !== null && requestedPort !== stored.requestedPort) {
    // A wish of the machine's own command line: written down and shown, and granted by somebody with the switch.
    await withAudit(ctx, { kind: 'agent', id: known.stableId, name: known.name, ip: null }, async (tx, audit) => {
      await tx.relay.updateMany({ where: { nodeId: known.id }, data: { requestedPort } })
      audit({ action: 'relay.request', target: { kind: 'relay', id: String(known.id), name: known.name }, after: { requestedPort } })
    })
  }
  const { count } = await ctx.db.relay.updateMany({ where: { nodeId: known.id }, data })
  const isChanged = stored.state !== data.state || stored.stateText !== data.stateText || stored.boundPort !== data.boundPort
    || stored.dataplane !== data.dataplane || stored.bufferReceive !== data.bufferReceive || stored.bufferSend !== data.bufferSend || stored.workers !== data.workers || stored.sessionRate !== data.sessionRate || stored.requestedPort !== requestedPort || spelled(stored.addresses) !== spelled(data.addresses)
  if (count > 0 && isChanged) ctx.bus.publish('relay.changed', { nodeId: known.id, cause: `${known.name} is ${relay.state}` })
}
