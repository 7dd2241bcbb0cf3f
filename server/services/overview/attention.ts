import type { z } from 'zod'
import { formatBytes, monthName, monthOf } from '../../../policy/index.ts'
import type { ServiceContext } from '../context.ts'
import type { NodeRecord } from '../network/load.ts'
import { relayAddressesSchema } from '../network/stored.ts'
import { exitNodeOf, routesToApprove } from '../node/routes.ts'
import type { RelayRecord } from '../relay/row.ts'
import type { RelayState } from '../relay/shape.ts'
import type { QuotaUse } from '../quota/types.ts'
import { publicUrlWarning } from '../setting/get.ts'
import type { attentionSchema } from './shape.ts'

type Attention = z.infer<typeof attentionSchema>

interface RelayNow {
  readonly record: RelayRecord
  readonly state: RelayState
  readonly stateText: string
}

/** The control plane renews its own certificate long before this. */
const certificateMs = 14 * 86_400_000
/** A key that expires this soon. */
const keyMs = 7 * 86_400_000
const most = 50
const order = { critical: 0, warning: 1, offline: 2 } as const

function item(part: Partial<Attention> & Pick<Attention, 'id' | 'severity' | 'title' | 'detail'>): Attention {
  return { since: null, href: null, ...part }
}

function ofRelay({ record, state, stateText }: RelayNow): Attention[] {
  const { id, name, relay } = record
  const href = `/relays/${id}`
  const items: Attention[] = []
  if (relay.advertised && state === 'cannot') {
    items.push(item({ id: `relay-cannot-${id}`, severity: 'critical', title: `${name} cannot relay`, detail: stateText || `It cannot use UDP port ${relay.port}`, since: relay.reportedAt, href }))
  }
  if (relay.advertised && state === 'offline') {
    items.push(item({
      id: `relay-offline-${id}`, severity: 'offline', title: `${name} is offline`, since: record.lastSeen, href,
      detail: record.kind === 'client' ? 'Its client is not connected: see that the machine is up' : 'Its agent is not connected: see that the machine is up and its agent runs',
    }))
  }
  // A stock client tells its addresses to those who use it alone.
  if (state === 'relaying' && record.kind !== 'client' && relayAddressesSchema.parse(relay.addresses).length === 0) {
    items.push(item({ id: `relay-address-${id}`, severity: 'warning', title: `${name} has no address to advertise`, detail: 'Give it a static endpoint that clients reach', href }))
  } else if (state === 'relaying' && stateText !== '') {
    // The agent's own words, such as a clock that is off.
    items.push(item({ id: `relay-note-${id}`, severity: 'warning', title: `${name} relays, but not all is well`, detail: stateText, href }))
  }
  if (!relay.advertised && relay.requestedPort !== null && state !== 'offline') {
    items.push(item({
      id: `relay-request-${id}`, severity: 'warning', title: `${name} asks to relay on port ${relay.requestedPort}`, href,
      detail: relay.requestedPort === relay.port ? 'Turn it on to let it' : `Set its port to ${relay.requestedPort} and turn it on to let it`,
    }))
  }
  return items
}

/** What a machine offers to route and nobody has decided on. */
function ofRoutes(record: NodeRecord): Attention[] {
  if (record.kind !== 'client' || !record.authorized) return []
  const { id, name } = record
  const href = `/machines/${id}`
  const routes = routesToApprove(record)
  const shown = routes.length > 3 ? `${routes.slice(0, 3).join(', ')} and ${routes.length - 3} more` : routes.join(', ')
  return [
    ...(routes.length === 0 ? [] : [item({ id: `routes-${id}`, severity: 'warning', title: `${name} offers to route ${shown}`, detail: 'Approve it on its page, or have it stop: until then nobody is told', href })]),
    ...(exitNodeOf(record) === 'offered' ? [item({ id: `exit-${id}`, severity: 'warning', title: `${name} offers to be an exit node`, detail: 'Approve it on its page, or have it stop: until then nobody is told', href })] : []),
  ]
}

function ofMachine({ id, name, kind, authorized, keyExpiry, hostname, tags, owner }: NodeRecord, now: number): Attention[] {
  const href = `/machines/${id}`
  if (!authorized) return [item({ id: `approve-${id}`, severity: 'warning', title: `${name} asks to join`, detail: `${tags.length > 0 || owner === null ? '' : `It is ${owner.email}’s. `}Its host calls itself ${hostname}: approve it if you know it, else remove it`, href })]
  if (keyExpiry === null || keyExpiry.getTime() > now + keyMs) return []
  return keyExpiry.getTime() <= now
    ? [item({ id: `expired-${id}`, severity: 'warning', title: `The key of ${name} has expired`, detail: `It is out of the network: extend its key on its page, or ${kind === 'client' ? 'run tailscale up on it' : 'start its agent with a new auth key'}`, since: keyExpiry, href })]
    : [item({ id: `expires-${id}`, severity: 'warning', title: `The key of ${name} expires soon`, detail: 'Extend it on its page, without a login; tagged machines do not expire', href })]
}

/** Whether stock clients find their way back, and the certificate that they are shown. */
function ofHttps({ server, clock }: Pick<ServiceContext, 'server' | 'clock'>): Attention[] {
  const tls = server.tls()
  if (server.joinWarning !== '') {
    const title = server.joinUrl !== null ? 'Stock clients must be told to trust this server' : tls ? 'Stock clients cannot join now' : 'Stock clients do not come back to this address'
    return [item({ id: 'join-url', severity: server.joinUrl === null && tls ? 'critical' : 'warning', title, detail: server.joinWarning, href: '/settings' })]
  }
  if (!tls) return []
  if (tls.problem !== '') return [item({ id: 'tls', severity: 'warning', title: 'The HTTPS certificate is not renewed', detail: tls.problem, href: '/settings' })]
  // One from an authority is renewed in time, or there is a problem.
  if (tls.source === 'acme' || tls.certificateExpires.getTime() >= clock.now() + certificateMs) return []
  return [item({ id: 'tls', severity: 'warning', title: 'The HTTPS certificate expires soon', detail: 'It is your own: put a newer one in its place', href: '/settings' })]
}

function ofServer(ctx: Pick<ServiceContext, 'server' | 'clock'>): Attention[] {
  const items: Attention[] = []
  const warning = publicUrlWarning(ctx)
  if (warning !== '') {
    items.push(item({ id: 'public-url', severity: 'warning', title: 'Only this machine reaches this dashboard', detail: warning, href: '/settings' }))
  }
  items.push(...ofHttps(ctx))
  const derp = ctx.server.derp()
  if (derp === null) {
    items.push(item({ id: 'derp', severity: 'critical', title: 'The DERP server is not up', detail: 'Without it peers find no relay: the control plane’s log says why' }))
  } else if (derp.certificateExpires.getTime() < ctx.clock.now() + certificateMs) {
    const isOver = derp.certificateExpires.getTime() <= ctx.clock.now()
    items.push(item({
      id: 'certificate', severity: isOver ? 'critical' : 'warning', since: isOver ? derp.certificateExpires : null, href: '/settings',
      title: isOver ? 'The DERP certificate has expired' : 'The DERP certificate expires soon',
      detail: derp.ownCertificate ? 'The control plane renews it by itself: see that this machine’s clock is right' : 'It is your own: put a newer one in its place',
    }))
  }
  return items
}

/** Quotas that are used up: their grants give no relay any more. */
function ofQuotas(quotas: readonly QuotaUse[], now: number): Attention[] {
  return quotas.filter(({ used, quota }) => used >= quota).map(({ line, key, used, quota }) => item({
    id: `quota-${monthOf(now)}-${key}`, severity: 'warning', title: `The quota on line ${line} is used up`, href: `/access?line=${line}`,
    detail: `${formatBytes(used, quota)} of ${formatBytes(quota)} in ${monthName(now)}: until the month ends its clients go over other relays or DERP. Raise it, or wait`,
  }))
}

/** What needs somebody, worst first. */
export function attentionItems(ctx: Pick<ServiceContext, 'server' | 'clock'>, records: readonly NodeRecord[], relays: readonly RelayNow[], quotas: readonly QuotaUse[] = []): Attention[] {
  const now = ctx.clock.now()
  const items = [...relays.flatMap(ofRelay), ...records.flatMap((record) => [...ofMachine(record, now), ...ofRoutes(record)]), ...ofQuotas(quotas, now), ...ofServer(ctx)]
  return items.toSorted((a, b) => order[a.severity] - order[b.severity]).slice(0, most)
}
