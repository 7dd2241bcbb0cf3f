import { formatAddrPort, parseAddrPort } from '../../../lib/addr-port.ts'
import { isZeroKey, storedHostinfoSchema, type Hostinfo, type StoredHostinfo } from '../../../protocol/tailcfg/index.ts'
import type { ServiceContext } from '../context.ts'
import { nodeInclude, type NodeRecord } from '../network/load.ts'
import { reportClientRelay } from '../relay/report-client.ts'
import { askForTags } from './ask-for-tags.ts'
import { clientFields } from './client-claim.ts'
import { plainText } from './joining.ts'

/** What a stock client says of itself with a map request; absent: nothing. */
export interface ClientReport {
  readonly capVersion?: number
  /** Another one with each start of the client. Zeros say nothing. */
  readonly discoKey?: string
  /** As `ip:port`. */
  readonly endpoints?: readonly string[]
  /** Names of what its own checks found wrong, such as `warn-ip-forwarding-off`. */
  readonly debugFlags?: readonly string[]
  readonly hostinfo?: Hostinfo
}

type ReportContext = Pick<ServiceContext, 'db' | 'bus' | 'clock' | 'network'>

const maxEndpoints = 64
/** fe80::/10 */
const linkLocal = /^fe[89ab][0-9a-f]:/

/** Where it may be reached, in canonical text, each once: without what means something on its own link only. */
export function usableEndpoints(texts: readonly string[]): string[] {
  const usable = texts.flatMap((text) => {
    if (text.includes('%')) return []
    const parsed = parseAddrPort(text)
    if (!parsed.ok || parsed.value.port === 0 || linkLocal.test(parsed.value.ip)) return []
    return [formatAddrPort(parsed.value)]
  })
  return [...new Set(usable)].slice(0, maxEndpoints)
}

/**
 * Writes down what a stock client says of itself, and tells of what changed. Another host name does not rename the machine.
 * Resolves once it is durable. Throws `invalid` for a Hostinfo beyond 64 KiB.
 */
export async function reportClient(ctx: ReportContext, nodeId: number, report: ClientReport): Promise<void> {
  const known = await ctx.db.node.findUnique({ where: { id: nodeId }, include: nodeInclude })
  // Removed meanwhile.
  if (known === null) return
  const { discoKey, capVersion = known.capVersion, hostinfo } = report
  const hasNewDisco = discoKey !== undefined && !isZeroKey(discoKey) && discoKey !== known.discoKey
  const endpoints = report.endpoints && usableEndpoints(report.endpoints)
  const debugFlags = report.debugFlags?.map(plainText).toSorted()
  const said = hostinfo && hostFields(known, hostinfo, capVersion)
  const data = {
    ...(hasNewDisco && { discoKey }),
    ...(capVersion !== known.capVersion && { capVersion }),
    ...(endpoints !== undefined && endpoints.join() !== known.endpoints.join() && { endpoints }),
    ...(debugFlags !== undefined && debugFlags.join() !== known.debugFlags.join() && { debugFlags }),
    ...said?.data,
  }
  if (Object.keys(data).length === 0) return
  const { count } = await ctx.db.node.updateMany({ where: { id: nodeId }, data })
  if (count === 0) return
  if (hasNewDisco) ctx.bus.publish('node.changed', { nodeId, cause: `${known.name} has a new disco key` })
  else if ('endpoints' in data || 'homeDerp' in data) ctx.bus.publish('node.changed', { nodeId, cause: `${known.name} has other addresses` })
  else if ('capVersion' in data || 'debugFlags' in data || said?.isOther === true) ctx.bus.publish('node.changed', { nodeId, cause: `${known.name} says other things of itself` })
  if (hostinfo === undefined || said === undefined) return
  if (said.before.RequestTags?.join() !== hostinfo.RequestTags.join()) await askForTags(ctx, nodeId, hostinfo.RequestTags)
  const { PeerRelay = false, RemoteConfig = false } = said.before
  // What it said when it joined is stored and made no relay yet.
  const isNews = PeerRelay !== hostinfo.PeerRelay || RemoteConfig !== hostinfo.RemoteConfig || (known.relay === null && (hostinfo.PeerRelay || hostinfo.RemoteConfig))
  if (isNews) await reportClientRelay(ctx, nodeId, { PeerRelay, RemoteConfig }, hostinfo)
}

/** What changed of its Hostinfo; `isOther`: more than how long packets take. */
function hostFields(known: NodeRecord, hostinfo: Hostinfo, capVersion: number) {
  const { hostname, os, version, hostinfo: stored } = clientFields(hostinfo, capVersion)
  const before = storedHostinfoSchema.parse(known.hostinfo)
  const after = storedHostinfoSchema.parse(stored)
  const isOther = spelled(before, true) !== spelled(after, true)
  // A home that it has lost for a moment is still where it is looked for.
  const homeDerp = hostinfo.NetInfo?.PreferredDERP ?? 0
  return {
    before, isOther,
    data: {
      ...(known.hostname !== hostname && { hostname }), ...(known.os !== os && { os }), ...(known.version !== version && { version }),
      ...((isOther || spelled(before) !== spelled(after)) && { hostinfo: stored }),
      ...(homeDerp > 0 && homeDerp !== known.homeDerp && { homeDerp }),
    },
  }
}

/** As text that is the same for equal ones: the database orders the members of JSON in its own way. */
function spelled(hostinfo: StoredHostinfo, withoutLatency = false): string {
  const { NetInfo, ...rest } = hostinfo
  const { DERPLatency: _, ...net } = NetInfo ?? {}
  return sorted({ ...rest, NetInfo: withoutLatency ? net : NetInfo ?? {} })
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member) ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1))) : member)
}
