import { z } from 'zod'

/** A relay's state as an agent reports it; what another version may have written counts as off. */
export const relayStateSchema = z.enum(['off', 'starting', 'relaying', 'draining', 'cannot']).catch('off')
export type StoredRelayState = z.infer<typeof relayStateSchema>

export const relayAddressesSchema = z.array(z.object({ address: z.string(), source: z.enum(['interface', 'stun', 'static']) })).catch([])

/** A stock client with this attribute in its map stops relaying at once, whatever its own setting says (spec/coordination.md §4.3). */
export const disableRelayServer = 'disable-relay-server'
