import { z } from 'zod'
import type { Program } from './program.ts'
import { waitFor } from './wait.ts'

const endSchema = z.object({
  name: z.string(), path: z.enum(['direct', 'relay', 'derp']), relay: z.string().nullable(), vni: z.number().nullable(), bitsIn: z.number(),
  sent: z.number(), received: z.number(), lost: z.number(),
})
const secondSchema = z.object({ type: z.literal('second'), at: z.number(), pairs: z.array(z.tuple([endSchema, endSchema])) })
const summarySchema = z.object({
  type: z.literal('summary'), sent: z.number(), lost: z.number(),
  ends: z.array(z.object({ name: z.string(), lost: z.number(), paths: z.array(z.object({ path: z.string(), seconds: z.number(), lost: z.number() })) })),
})
export type Second = z.infer<typeof secondSchema>
export type End = z.infer<typeof endSchema>

/** What `npm run simulate -- --json` said so far. */
export class Traffic {
  readonly program: Program

  constructor(program: Program) {
    this.program = program
  }

  #lines(): unknown[] {
    return this.program.output().split('\n').slice(0, -1).filter((line) => line.startsWith('{')).map((line): unknown => JSON.parse(line))
  }

  /** Bounded by the program's output that is kept. */
  seconds(): Second[] {
    return this.#lines().flatMap((line) => secondSchema.safeParse(line).data ?? [])
  }

  ends(): End[] {
    return this.seconds().at(-1)?.pairs.flat() ?? []
  }

  /** Packets that were lost until now, of all ends; one counts as lost two to four seconds after it went. */
  lost(): number {
    return this.ends().reduce((sum, end) => sum + end.lost, 0)
  }

  /** Waits for a whole second, begun after the call, in which every end is as wanted. */
  async until(what: string, isSo: (end: End) => boolean, withinMs: number): Promise<Second> {
    const since = Date.now() + 1000
    return waitFor(() => `${what}; the last second: ${JSON.stringify(this.ends())}`, () => {
      const { exitCode } = this.program.child
      if (exitCode !== null) throw new Error(`${what}, but the simulation ended with ${exitCode}:\n${this.program.output().slice(-2000)}`)
      return this.seconds().find(({ at, pairs }) => at >= since && pairs.length > 0 && pairs.flat().every(isSo))
    }, withinMs)
  }

  /** Ends it; its closing account. */
  async stop(): Promise<z.infer<typeof summarySchema>> {
    await this.program.stop()
    return summarySchema.parse(this.#lines().at(-1))
  }
}
