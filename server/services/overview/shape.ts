import { z } from 'zod'

export const attentionSchema = z.object({
  id: z.string(),
  severity: z.enum(['critical', 'warning', 'offline']),
  title: z.string(),
  detail: z.string(),
  since: z.date().nullable(),
  /** A page to go to; null: nothing to do but know. */
  href: z.string().nullable(),
})
export const overviewSchema = z.object({
  networkName: z.string(),
  version: z.string(),
  relaysWanted: z.number().int(),
  relaysUp: z.number().int(),
  relayStates: z.array(z.enum(['off', 'starting', 'relaying', 'draining', 'cannot', 'offline'])),
  sessions: z.number().int(),
  sessionsHourAgo: z.number().int().nullable(),
  /** Bits a second now, forwarded by relays; and the last hour's peak with its time. */
  rate: z.number(),
  peak: z.object({ rate: z.number(), at: z.date() }).nullable(),
  /** Bits a second over our DERP. */
  derpRate: z.number(),
  dropsLastHour: z.number().int(),
  packetsLastHour: z.number(),
  topDrop: z.string().nullable(),
  machines: z.number().int(),
  attention: z.array(attentionSchema),
})
export type Overview = z.infer<typeof overviewSchema>
