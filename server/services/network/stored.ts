import { z } from 'zod'
import type { Role } from '../person/shape.ts'
import { roleSchema } from '../person/shape.ts'

/** A relay's state as an agent reports it; what another version may have written counts as off. */
export const relayStateSchema = z.enum(['off', 'starting', 'relaying', 'draining', 'cannot']).catch('off')
export type StoredRelayState = z.infer<typeof relayStateSchema>

export const relayAddressesSchema = z.array(z.object({ address: z.string(), source: z.enum(['interface', 'stun', 'static']) })).catch([])

/** A role as stored; anything unknown is the least of them. */
export function roleOf(text: string): Role {
  return roleSchema.catch('viewer').parse(text)
}
