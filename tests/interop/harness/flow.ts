import path from 'node:path'
import { z } from 'zod'
import type { Program } from '../../e2e/harness/program.ts'
import { waitFor } from '../../e2e/harness/wait.ts'
import { tsProgram, type Lab, type SiteName } from '../../netlab/index.ts'

export const programs = path.join(import.meta.dirname, 'programs')

const reportSchema = z.object({
  sent: z.number(),
  /** Answers, in their order. */
  received: z.number(),
  /** The longest time without an answer since the last report, ms. */
  silenceMs: z.number(),
  /** Why the connection is over; null: it stands. */
  closed: z.string().nullable(),
})
export type FlowReport = z.infer<typeof reportSchema>

/** One TCP connection between two sites that says something all the time. */
export interface Flow {
  /** What was since the last report, or since the start. Throws when the connection is over. */
  report(): Promise<FlowReport>
  /** The longest silence while `work` ran and until the answers go on. */
  silenceDuring(work: () => Promise<unknown>): Promise<number>
  stop(): Promise<void>
}

export interface FlowOptions {
  readonly from: SiteName
  readonly to: SiteName
  /** `to`'s address in the network. */
  readonly address: string
  /** 5001 unless told: each flow of a site has its own. */
  readonly port?: number
  /** Between two messages, ms; 50 unless told. */
  readonly everyMs?: number
}

/** Starts a flow; it has had its first answer when this resolves. */
export async function startFlow(lab: Lab, { from, to, address, port = 5001, everyMs = 50 }: FlowOptions): Promise<Flow> {
  const server = lab.spawn(to, tsProgram(programs, 'flow', 'serve', port))
  await server.seen(/^ready$/m, 10_000)
  const sender: Program = lab.spawn(from, tsProgram(programs, 'flow', 'send', address, port, everyMs))
  await sender.seen(/^ready$/m, 15_000)
  let read = 0
  const lines = (): string[] => sender.output().split('\n').slice(0, -1).filter((line) => line.startsWith('{'))

  async function report(): Promise<FlowReport> {
    sender.child.kill('SIGUSR2')
    const line = await waitFor(() => `the flow’s report; it printed:\n${sender.output().slice(-1000)}`, () => lines()[read], 5000, 10)
    read++
    const one = reportSchema.parse(JSON.parse(line))
    if (one.closed !== null) throw new Error(`the flow from ${from} to ${address} is over: ${one.closed}; ${line}`)
    return one
  }

  return {
    report,
    async silenceDuring(work) {
      await report()
      await work()
      const first = await report()
      const then = await waitFor('the flow to go on', async () => {
        const one = await report()
        return one.received > 0 ? one : undefined
      }, 30_000)
      return Math.max(first.silenceMs, then.silenceMs)
    },
    async stop() {
      await sender.stop()
      await server.stop()
    },
  }
}
