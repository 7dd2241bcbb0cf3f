import { z } from 'zod'
import { checkedLinkSchema, doorStateSchema, linkTokenSchema, redeemLinkSchema } from '../../auth/index.ts'
import { getNetworkName } from '../../services/setting/get.ts'
import { publicProcedure, router } from '../trpc.ts'

/** What one without an account can do. */
export const doorRouter = router({
  state: publicProcedure.output(doorStateSchema.extend({ networkName: z.string() })).query(async ({ ctx }) => ({
    ...await ctx.door.state(ctx.headers), networkName: await getNetworkName(ctx.services.db),
  })),
  checkLink: publicProcedure.input(linkTokenSchema).output(checkedLinkSchema).query(({ ctx, input }) => ctx.door.checkLink(input)),
  redeem: publicProcedure.input(redeemLinkSchema).output(z.object({ ok: z.literal(true) }))
    .mutation(({ ctx, input }) => ctx.door.redeem(input, ctx.headers)),
})
