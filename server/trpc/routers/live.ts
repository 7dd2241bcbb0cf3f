import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { may } from '../../services/actor.ts'
import { changeBatches } from '../../services/live/changes.ts'
import { Newest } from '../../services/live/newest.ts'
import { liveSampleSchema, type liveChangeSchema, type LiveSample } from '../../services/live/shape.ts'
import type { TrpcContext } from '../context.ts'
import { procedure, router } from '../trpc.ts'

const lookAgainMs = 60_000

/** Ends a subscription whose person signed out, was removed, or whose token was revoked. */
async function stillHere(ctx: TrpcContext, since: number): Promise<number> {
  const now = performance.now()
  if (now - since < lookAgainMs) return since
  if ((await ctx.lookAgain()) === null) throw new TRPCError({ code: 'UNAUTHORIZED', message: 'Nobody is signed in any more' })
  return now
}

const interestSchema = z.object({ relayIds: z.array(z.number().int()).max(1000).optional(), sessions: z.boolean().optional() })

export const liveRouter = router({
  samples: procedure.input(interestSchema).subscription(async function* ({ ctx, input, signal }): AsyncGenerator<LiveSample> {
    if (!may(ctx.actor, 'relays:read')) throw new TRPCError({ code: 'FORBIDDEN', message: 'Live figures need relays:read' })
    const sessions = (input.sessions ?? false) && may(ctx.actor, 'sessions:read')
    const newest = new Newest<LiveSample>(signal)
    const stop = ctx.metrics.live.subscribe(
      (sample) => newest.put(liveSampleSchema.parse(sample)),
      { sessions, ...(input.relayIds === undefined ? {} : { relayIds: input.relayIds }) },
    )
    try {
      let seenAt = performance.now()
      for await (const sample of newest) {
        yield sample
        seenAt = await stillHere(ctx, seenAt)
      }
    } finally {
      stop()
    }
  }),
  changes: procedure.subscription(async function* ({ ctx, signal }): AsyncGenerator<z.infer<typeof liveChangeSchema>> {
    let seenAt = performance.now()
    for await (const topics of changeBatches(ctx.services.bus, signal)) {
      seenAt = await stillHere(ctx, seenAt)
      yield { topics }
    }
  }),
})
