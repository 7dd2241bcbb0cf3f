import { z } from 'zod'
import { policyTextSchema } from './shape.ts'

const machine = z.object({ id: z.number().int(), name: z.string() })
const line = z.number().int()
const explained = z.object({ allowed: z.boolean(), sentence: z.string(), line: line.nullable() })
/** What one rule opens: entries as grants write them. */
const open = z.array(z.object({ ports: z.array(z.string()), line }))

export const simulateSchema = z.object({
  from: z.number().int().positive(),
  to: z.number().int().positive(),
  /** A draft; absent: the policy in force. */
  text: policyTextSchema.shape.text.exactOptional(),
})

export const simulationSchema = z.object({
  ends: z.array(machine.extend({
    /** Its tags, or whose it is. */
    who: z.string(),
    /** Why it asks no relay, whatever the policy; null: it may. */
    whyNot: z.string().nullable(),
  })),
  /** Each is in the other's list of peers. */
  seeEachOther: z.boolean(),
  /** From the first to the second, and back. */
  ways: z.array(explained.extend({
    from: z.string(),
    to: z.string(),
    open,
    /** What is reached behind the other, where that is a router; `by`: the machine that it goes by. */
    behind: z.array(z.object({ route: z.string(), by: machine.nullable(), open })),
  })),
  /** Every relay besides the two; those that are asked first. */
  relays: z.array(machine.extend({
    isUp: z.boolean(),
    isAsked: z.boolean(),
    asks: z.array(explained.extend({ end: z.string(), isAsked: z.boolean(), limits: z.array(z.object({ words: z.string(), lines: z.array(line) })) })),
  })),
  /** Which relay is expected to win; null: none, or not known. The sentence says which. */
  expected: z.object({ relayId: z.number().int().nullable(), sentence: z.string() }),
  /** What carries traffic otherwise. */
  otherwise: z.string(),
  /** The relay that carries the two now, by the policy in force; null: none does. */
  carriedBy: machine.nullable(),
})
export type PolicySimulation = z.infer<typeof simulationSchema>
