import { z } from 'zod'
import type { Program } from './program.ts'
import { waitFor } from './wait.ts'

const end = z.object({ name: z.string(), path: z.string(), relay: z.string().nullable(), vni: z.number().nullable(), sent: z.number(), received: z.number(), lost: z.number() })
const secondSchema = z.object({ type: z.literal('second'), pairs: z.array(z.array(end)) })
const summarySchema = z.object({ type: z.literal('summary'), sent: z.number(), lost: z.number() })

export type SimulatedEnd = z.infer<typeof end>

function lastLine<T>(program: Program, schema: z.ZodType<T>): T | undefined {
  for (const line of program.output().split('\n').toReversed()) {
    try {
      const parsed = schema.safeParse(JSON.parse(line))
      if (parsed.success) return parsed.data
    } catch {
      // Not a whole line of JSON: a notice, or the line that is just being written.
    }
  }
  return undefined
}

/** What `simulate --json` said last of one pair; undefined before its first line. */
export function pairNow(program: Program, pair: number): readonly SimulatedEnd[] | undefined {
  return lastLine(program, secondSchema)?.pairs[pair]
}

/** True when both ends of the pair take this path. */
export function pairOn(program: Program, pair: number, path: 'relay' | 'derp'): true | undefined {
  const ends = pairNow(program, pair)
  return ends !== undefined && ends.length === 2 && ends.every((one) => one.path === path) ? true : undefined
}

/** Waits for each of so many pairs to be on the relay, with both ends. */
export async function untilOnRelay(program: Program, pairs: number, withinMs = 40_000): Promise<void> {
  for (let pair = 0; pair < pairs; pair++) await waitFor(`pair ${pair + 1} on the relay`, () => pairOn(program, pair, 'relay'), withinMs)
}

export function summary(program: Program): { readonly sent: number; readonly lost: number } | undefined {
  return lastLine(program, summarySchema)
}
