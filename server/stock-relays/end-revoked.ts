import type { Millis } from '../../lib/clock.ts'
import { sessionStands } from '../../netmap/index.ts'
import { disableRelayServer } from '../services/network/stored.ts'
import { auditClientRelay, clientRelay, type ClientRelay } from '../services/relay/client-wanted.ts'
import { namesIn } from './name-end.ts'
import type { RelayRequests } from './requests.ts'
import type { StockSession } from './sessions-answer.ts'
import type { StockServices } from './types.ts'

/** Until a client went by its map: at first it is a matter of moments. */
const firstPauseMs = 100
const longestPauseMs = 5000

interface Ending {
  readonly ctx: StockServices
  readonly ask: RelayRequests
  readonly relay: ClientRelay
  /** Why, for people. */
  readonly cause: string
  /** When the grant was taken away. */
  readonly since: Millis
  /** Rejects when the control plane stops. */
  readonly wait: (ms: Millis) => Promise<void>
}

/**
 * Ends sessions on a stock relay whose grant was taken away. A client ends none by itself while it is used
 * (spec/coordination.md §5.2), and can be told to end all or none: it is held off by the attribute `disable-relay-server` until
 * it has stopped, and let go again. Where its sessions are known, this is done only if one of them is concerned. Returns
 * whether it was done.
 */
export async function endRevoked({ ctx, ask, relay, cause, since, wait }: Ending): Promise<boolean> {
  const { network, clock } = ctx
  const concerned = await sessionsConcerned(ctx, ask, relay)
  if (concerned === 0) return false
  network.holdRelay(relay.id, true, cause)
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
    await wait(pauseMs)
    if (network.node(relay.id) === undefined) return true
    // One that is away does it when it is back: until then it stays held.
    if (await hasStopped(ctx, ask, relay.id).catch(() => false)) break
  }
  network.holdRelay(relay.id, false, `${relay.name} relays again`)
  await auditClientRelay(ctx, relay, 'relay.end-sessions', { way: disableRelayServer, cause, ms: Math.max(0, clock.now() - since), sessions: concerned ?? null })
  return true
}

/** How many running sessions have lost their grant; undefined: some may have, it does not say. */
async function sessionsConcerned({ network }: StockServices, ask: RelayRequests, relay: ClientRelay): Promise<number | undefined> {
  try {
    if (!relay.remoteConfig) {
      const counters = await ask.counters()
      return counters === undefined || counters.endpoints === 0 ? 0 : undefined
    }
    const { sessions } = await ask.sessions()
    const now = network.network()
    const nameEnd = namesIn(now.nodes)
    // An end that cannot be told has no grant.
    const lost = ({ a, b }: StockSession): boolean => !sessionStands(now, relay.id, nameEnd(a.disco) ?? 0, nameEnd(b.disco) ?? 0).stands
    return sessions.filter(lost).length
  } catch {
    // It does not answer: then it is done to be sure.
    return undefined
  }
}

async function hasStopped(ctx: StockServices, ask: RelayRequests, id: number): Promise<boolean> {
  // Its owner may have given or taken back the consent meanwhile: it is asked what it answers now, or it would be held for ever.
  const relay = await clientRelay(ctx, id)
  if (relay?.remoteConfig) return (await ask.sessions()).port === null
  return await ask.hasAttribute(disableRelayServer) && ((await ask.counters())?.endpoints ?? 0) === 0
}
