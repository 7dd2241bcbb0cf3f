import type { ServiceContext } from '../../services/context.ts'
import { recordClientAction } from '../../services/node/client-action.ts'
import type { ExchangeHandler } from '../transport/types.ts'
import { auditLogHandler } from './audit-log.ts'

export interface OtherCallsDeps {
  readonly services: Pick<ServiceContext, 'db' | 'bus' | 'clock'>
}

/** What serves a path below the Noise connection that is neither register, map nor an answer to a question; undefined: nobody does, it is a 404 and counted. */
export type OtherCalls = (path: string, method: string) => ExchangeHandler | undefined

/** What nobody reads is thrown away: more than this is refused. */
const maxIgnoredBytes = 64 << 10

/** The rest of what a stock client may call (spec/coordination.md §8): what is not offered here says so in a line that the client prints. */
export function otherCalls({ services }: OtherCallsDeps): OtherCalls {
  const exact: Readonly<Record<string, ExchangeHandler>> = {
    'POST /machine/update-health': ignore,
    'POST /machine/set-dns': notOffered('certificates for machine names'),
    'POST /machine/id-token': notOffered('identity tokens'),
    'POST /machine/feature/query': queryFeature,
    'POST /machine/audit-log': auditLogHandler({ clock: services.clock, record: (caller, action) => recordClientAction(services, caller, action) }),
    'PATCH /machine/set-device-attr': notOffered('device attributes'),
    'GET /machine/whoami': whoAmI,
  }
  const below: readonly (readonly [prefix: string, handler: ExchangeHandler])[] = [
    // Asked with GET and others, each with a body.
    ['/machine/tka/', notOffered('tailnet lock')],
    ['/machine/webclient/', notOffered('the web interface of clients')],
  ]
  return (path, method) => exact[`${method} ${path}`] ?? below.find(([prefix]) => path.startsWith(prefix))?.[1]
}

function notOffered(what: string): ExchangeHandler {
  return ({ answer }) => answer(501, `This server does not offer ${what}`)
}

/** Clients before 1.90 report their health. */
const ignore: ExchangeHandler = async ({ body, answer }) => {
  await body(maxIgnoredBytes)
  answer(204)
}

/** `tailscale serve` and `funnel` ask what they need; the text is printed, and the command ends. */
const queryFeature: ExchangeHandler = async ({ body, answer }) => {
  const feature = featureOf(await body(maxIgnoredBytes))
  answer(200, { Complete: false, Text: `${feature} is not available on this server` })
}

function featureOf(bytes: Uint8Array): string {
  try {
    const request: unknown = JSON.parse(Buffer.from(bytes).toString())
    if (typeof request !== 'object' || request === null || !('Feature' in request) || typeof request.Feature !== 'string') return 'This'
    const name = request.Feature.replaceAll(/[^\w -]/g, '').slice(0, 40)
    return name === '' ? 'This' : name.charAt(0).toUpperCase() + name.slice(1)
  } catch {
    return 'This'
  }
}

const whoAmI: ExchangeHandler = ({ caller: { machineKey, capVersion, ip }, answer }) => answer(200, `${machineKey}, version ${capVersion}, from ${ip}`)
