import { mapRequestSchema, relayCapVersion, type MapRequest } from '../../../protocol/tailcfg/index.ts'
import type { ClientReport } from '../../services/node/report-client.ts'
import { TowpathError } from '../../errors/index.ts'

/** Of a map request's body (spec/coordination.md §10). */
export const maxRequestBytes = 256 << 10

/** Throws `invalid` with what is wrong. */
export function readRequest(body: Uint8Array): MapRequest {
  let json: unknown
  try {
    json = JSON.parse(Buffer.from(body).toString())
  } catch {
    throw new TowpathError({ code: 'invalid', text: 'The request is no JSON', fix: 'Send a MapRequest' })
  }
  const parsed = mapRequestSchema.safeParse(json)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new TowpathError({ code: 'invalid', text: `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is not a MapRequest'}`, fix: 'Send a MapRequest' })
  }
  if (parsed.data.Version >= relayCapVersion) return parsed.data
  throw new TowpathError({
    code: 'invalid', text: `This client is too old (capability version ${parsed.data.Version}, ${relayCapVersion} is needed)`, fix: 'Update Tailscale to 1.86 or newer',
  })
}

/** What a request says of the client: a stream's only what its daemon uses now, as the rest of it may be older than a lite update's (§3.2). */
export function reportOf({ Stream, ReadOnly, Version, DiscoKey, Endpoints, DebugFlags, Hostinfo }: MapRequest): ClientReport {
  if (ReadOnly) return {}
  const live = { capVersion: Version, ...(DiscoKey !== undefined && { discoKey: DiscoKey }) }
  return Stream ? live : { ...live, endpoints: Endpoints, debugFlags: DebugFlags, ...(Hostinfo && { hostinfo: Hostinfo }) }
}
