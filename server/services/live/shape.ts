import { z } from 'zod'

/** One second of live figures, of what the page asked for. */
export const liveSampleSchema = z.object({
  /** Milliseconds since the epoch, the control plane's clock. */
  at: z.number(),
  relays: z.array(z.object({
    id: z.number().int(),
    /** Bits and packets a second. */
    bitsIn: z.number(), bitsOut: z.number(), packetsIn: z.number(), packetsOut: z.number(),
    /** Share of one core, 0 to n. */
    cpu: z.number(),
    sessions: z.number().int(), endpoints: z.number().int(), dropsPerSecond: z.number(),
  })),
  sessions: z.array(z.object({
    id: z.string(), bitsFromA: z.number(), bitsFromB: z.number(), bytesFromA: z.number(), bytesFromB: z.number(),
    /** Packets larger than the way to the other end takes, from A and from B, since it began; absent: none. */
    tooBig: z.tuple([z.number(), z.number()]).optional(),
  })),
  /** Bits a second over our DERP, and of its pairs at the same moment: node ids, `a` < `b`, at most 200, most traffic first; absent: sessions of all relays were not asked for. */
  derpBits: z.number(),
  derpPairs: z.array(z.object({ a: z.number().int(), b: z.number().int(), rateFromA: z.number(), rateFromB: z.number() })).optional(),
})
export type LiveSample = z.infer<typeof liveSampleSchema>

/** Names of what changed (bus events), so that pages ask again for what they show. */
export const liveChangeSchema = z.object({ topics: z.array(z.string()) })
