import { z } from 'zod'

export const rangeSchema = z.enum(['15m', '1h', '24h'])
export type Range = z.infer<typeof rangeSchema>

/** Means over the step, per second. Null: no report covered it (a gap, not zero). */
export const relayPointSchema = z.object({
  /** Start of the step, milliseconds since the epoch. */
  at: z.number(),
  bitsIn: z.number().nullable(),
  bitsOut: z.number().nullable(),
  packetsIn: z.number().nullable(),
  packetsOut: z.number().nullable(),
  sessions: z.number().nullable(),
  cpu: z.number().nullable(),
  dropsPerSecond: z.number().nullable(),
})
export type RelayPoint = z.infer<typeof relayPointSchema>

export const markSchema = z.object({ at: z.number(), on: z.boolean(), text: z.string() })

export const relayThroughputSchema = z.object({
  range: rangeSchema,
  stepMs: z.number().int(),
  from: z.number(),
  to: z.number(),
  points: z.array(relayPointSchema),
  /** Switched on and off, agent away and back. */
  marks: z.array(markSchema),
})
export type RelayThroughput = z.infer<typeof relayThroughputSchema>

export const networkThroughputSchema = z.object({
  range: rangeSchema,
  stepMs: z.number().int(),
  from: z.number(),
  to: z.number(),
  points: z.array(z.object({ at: z.number(), relayBits: z.number().nullable(), derpBits: z.number().nullable() })),
  marks: z.array(markSchema),
})
export type NetworkThroughput = z.infer<typeof networkThroughputSchema>
