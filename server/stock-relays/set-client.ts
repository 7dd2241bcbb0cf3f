import { disableRelayServer } from '../services/network/stored.ts'
import type { ClientPrefs, ClientRelay } from '../services/relay/client-wanted.ts'
import { auditClientRelay, reportClientApplied, reportClientPrefs } from '../services/relay/client-wanted.ts'
import type { RelayRequests } from './requests.ts'
import type { StockServices } from './types.ts'

/**
 * Brings a stock relay to what is wanted of it: with its owner's consent by its settings, else by nothing but the attribute that
 * its map has already, of which it is asked whether it came. False: not yet. Throws what the requests throw.
 */
export async function setClient(ctx: StockServices, ask: RelayRequests, relay: ClientRelay): Promise<boolean> {
  if (!relay.remoteConfig) {
    if (await ask.hasAttribute(disableRelayServer) === relay.advertised) return false
    await reportClientApplied(ctx, relay.id, relay.revision)
    return true
  }
  const before = await ask.prefs()
  const port = relay.advertised ? relay.port : null
  let after: ClientPrefs = before
  if (before.port !== port) {
    after = await ask.setPort(port)
    await auditClientRelay(ctx, relay, 'relay.set-client', { port })
  }
  if (before.staticEndpoints.join() !== relay.staticEndpoints.join()) {
    after = await ask.setStaticEndpoints(relay.staticEndpoints)
    await auditClientRelay(ctx, relay, 'relay.set-client', { staticEndpoints: [...relay.staticEndpoints] })
  }
  await reportClientPrefs(ctx, relay.id, after, relay.revision)
  return true
}
