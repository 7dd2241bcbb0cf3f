import { z } from 'zod'

export const sessionRowSchema = z.object({
  id: z.string(),
  relayId: z.number().int(),
  relayName: z.string(),
  vni: z.number().int(),
  /** Client A has the lower disco key. */
  a: z.object({ id: z.number().int(), name: z.string() }),
  b: z.object({ id: z.number().int(), name: z.string() }),
  openedAt: z.date(),
  lastSeen: z.date(),
  endedAt: z.date().nullable(),
  /** Why it ended; null while it runs. */
  reason: z.string().nullable(),
  bytesFromA: z.number(),
  bytesFromB: z.number(),
  /** Packets larger than the MTU of the way to the other end, since it began: they went on in fragments. */
  tooBigFromA: z.number(),
  tooBigFromB: z.number(),
  /** Bits a second now; null: ended or unknown. */
  rateFromA: z.number().nullable(),
  rateFromB: z.number().nullable(),
})
export type SessionRow = z.infer<typeof sessionRowSchema>

/** A pair whose packets go over our DERP, and why no relay carries them. */
export const derpPairSchema = z.object({
  a: z.object({ id: z.number().int(), name: z.string() }),
  b: z.object({ id: z.number().int(), name: z.string() }),
  rateFromA: z.number(),
  rateFromB: z.number(),
  /** One sentence. */
  why: z.string(),
  /** The policy's line where a grant is the cause. */
  line: z.number().int().nullable(),
  /** At least one of the two may use some relay. */
  granted: z.boolean(),
})
export type DerpPair = z.infer<typeof derpPairSchema>

export const listSessionsSchema = z.object({
  state: z.enum(['live', 'ended']).default('live'),
  relayId: z.number().int().optional(),
  /** Part of a machine's or relay's name. */
  text: z.string().max(100).optional(),
  /** From the last answer's `next`; null, as pages have it: the first page. */
  cursor: z.string().max(100).nullish(),
  limit: z.number().int().min(1).max(200).default(50),
})
export const sessionPageSchema = z.object({ rows: z.array(sessionRowSchema), next: z.string().nullable(), total: z.number().int() })
