import { z } from 'zod'

/** A grant's quota and what was used of it this month (UTC), all relays together. */
export const quotaRowSchema = z.object({
  grantIndex: z.number().int(),
  /** The policy's line. */
  line: z.number().int(),
  /** Names the grant, wherever it stands. */
  key: z.string(),
  /** Bytes. */
  quota: z.number(),
  used: z.number(),
  /** Such as `November`. */
  month: z.string(),
  usedUp: z.boolean(),
  /** When the next month begins. */
  resetsAt: z.date(),
})
export type QuotaRow = z.infer<typeof quotaRowSchema>
