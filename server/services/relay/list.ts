import { authorise, type Actor } from '../actor.ts'
import { findRelays, relayRows, type RelayContext } from './row.ts'
import type { RelayRow } from './shape.ts'

/** All relays, by name. */
export async function listRelays(ctx: RelayContext, actor: Actor): Promise<RelayRow[]> {
  authorise(actor, 'relays:read')
  return relayRows(ctx, await findRelays(ctx.db))
}
