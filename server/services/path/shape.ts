import { z } from 'zod'

const machine = z.object({ id: z.number().int(), name: z.string() })

export const checkPathSchema = z.object({ id: z.number().int().positive(), peerId: z.number().int().positive() })

/** The path that one machine has to another, as it says itself. */
export const pathCheckSchema = z.object({
  /** Who was asked: a stock client of the two, the first where both are. */
  from: machine,
  to: machine,
  /** `none`: no answer came. */
  kind: z.enum(['direct', 'relay', 'derp', 'none']),
  /** Null: not by a relay, or by one whose address is not known here. */
  relay: machine.nullable(),
  /** The address that it sends to, `ip:port`: the other's, or the relay's. */
  endpoint: z.string().nullable(),
  /** Region code. */
  derpCode: z.string().nullable(),
  /** There and back. */
  latencyMs: z.number().nullable(),
  at: z.date(),
  /** One sentence. */
  sentence: z.string(),
})
export type PathCheck = z.infer<typeof pathCheckSchema>
