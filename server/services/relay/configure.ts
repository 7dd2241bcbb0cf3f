import type { z } from 'zod'
import { formatAddrPort, parseAddrPort } from '../../../lib/addr-port.ts'
import type { Tx } from '../../db/client.ts'
import { TowpathError } from '../../errors/index.ts'
import { authorise, type Actor } from '../actor.ts'
import { changedValues, withAudit } from '../audit.ts'
import type { ServiceContext } from '../context.ts'
import { lockRelay } from '../node/tables.ts'
import { consentOf } from './client.ts'
import { getRelay } from './get.ts'
import { findRelay, type RelayContext, type RelayRecord } from './row.ts'
import { configureRelaySchema, type RelayDetail } from './shape.ts'

/** Unspecified, multicast and broadcast addresses. Loopback ones serve to try a relay out on one machine. */
const unusable = /^(?:0\.0\.0\.0$|::$|22[4-9]\.|23\d\.|ff[0-9a-f]{2}:|255\.255\.255\.255$)/

/** In canonical text, each once. Throws `invalid` with the position of what is wrong. */
function staticEndpoints(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text, i) => {
    const parsed = parseAddrPort(text)
    const why = !parsed.ok
      ? parsed.reason === 'bad-port' ? 'has no port from 1 to 65535' : 'is no IP address with a port'
      : parsed.value.port === 0 ? 'has port 0' : unusable.test(parsed.value.ip) ? 'is an address that nobody can send to' : undefined
    if (parsed.ok && why === undefined) return formatAddrPort(parsed.value)
    throw new TowpathError({
      code: 'invalid', text: `"${text}" ${why ?? 'is not usable'}`, fix: 'Write it as 203.0.113.7:40000 or [2001:db8::7]:40000', path: `staticEndpoints.${i}`,
    })
  }))]
}

/** What a stock client can be told of these; the rest is not its, or ours to show. */
const settable = ['port', 'staticEndpoints'] as const

/** Counts the change, so that the client is told. Throws `invalid` where its owner does not let us. */
async function tellClient(tx: Tx, record: RelayRecord, { port, staticEndpoints }: { readonly port: number; readonly staticEndpoints: readonly string[] }): Promise<void> {
  const { id, name, relay } = record
  if (consentOf(record).remoteConfig) {
    await tx.node.update({ where: { id }, data: { viewRevision: { increment: 1 } } })
    return
  }
  const isPort = port !== relay.port
  const command = isPort ? `tailscale set --relay-server-port=${port}` : `tailscale set --relay-server-static-endpoints=${staticEndpoints.join(',')}`
  throw new TowpathError({
    code: 'invalid', path: isPort ? 'port' : 'staticEndpoints', text: `The owner of ${name} does not let this network set it`,
    fix: `Run "${command}" there, or once "tailscale set --remote-config"`,
  })
}

/** Port, static endpoints, region and limits. Another port moves the relay's sessions. Throws `invalid` with the field, or `not-found`. */
export async function configureRelay(ctx: RelayContext & Pick<ServiceContext, 'bus' | 'clock'>, actor: Actor, input: z.input<typeof configureRelaySchema>): Promise<RelayDetail> {
  authorise(actor, 'relays:write')
  const { id, ...wanted } = configureRelaySchema.parse(input)
  const next = { ...wanted, staticEndpoints: staticEndpoints(wanted.staticEndpoints) }
  const changed = await withAudit(ctx, actor, async (tx, audit) => {
    await lockRelay(tx, id)
    const record = await findRelay(tx, id)
    const { name, relay } = record
    const { port, region, maxEndpoints, handshakesPerSecond } = relay
    const change = changedValues({ port, staticEndpoints: relay.staticEndpoints, region, maxEndpoints, handshakesPerSecond }, next)
    const names = Object.keys(change.after)
    if (names.length === 0) return names
    if (record.kind === 'client' && settable.some((name) => names.includes(name))) await tellClient(tx, record, next)
    await tx.relay.update({ where: { nodeId: id }, data: next })
    audit({ action: 'relay.configure', target: { kind: 'relay', id: String(id), name }, ...change })
    return names
  })
  if (changed.length > 0) {
    const cause = changed.includes('port') ? `moved to port ${next.port} by ${actor.name}` : `settings changed by ${actor.name}`
    ctx.bus.publish('relay.changed', { nodeId: id, cause })
    await ctx.network.settled()
  }
  return getRelay(ctx, actor, { id })
}
