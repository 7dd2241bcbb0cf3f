import { z } from 'zod'
import { strictBoolean } from '../strict-boolean.ts'

export const authKeyRowSchema = z.object({
  id: z.string(),
  /** What is shown of it: the key itself is never stored. */
  prefix: z.string(),
  description: z.string(),
  reusable: z.boolean(),
  ephemeral: z.boolean(),
  /** A stock client that joins with it does not wait, where machines wait for approval. */
  preApproved: z.boolean(),
  tags: z.array(z.string()),
  createdBy: z.string(),
  createdAt: z.date(),
  expiresAt: z.date(),
  uses: z.number().int(),
  state: z.enum(['usable', 'used-up', 'expired', 'revoked']),
})
export type AuthKeyRow = z.infer<typeof authKeyRowSchema>

export const authKeyIdSchema = z.object({ id: z.uuid('the id of an auth key, as in the list') })
export const createAuthKeySchema = z.object({
  description: z.string().trim().max(100).default(''),
  reusable: strictBoolean.default(false),
  ephemeral: strictBoolean.default(false),
  preApproved: strictBoolean.default(true),
  tags: z.array(z.string().trim()).max(64).default([]),
  /** Days. */
  validDays: z.number().int().min(1).max(365).default(7),
})
export const createdAuthKeySchema = z.object({
  /** Shown once. */
  key: z.string(),
  row: authKeyRowSchema,
  /** One line to paste on the machine that is to join as a relay. */
  joinCommand: z.string(),
  /** The same for a stock Tailscale client; null: this server has no address that it would come back to. */
  clientCommand: z.string().nullable(),
  /** Why that one is not there, or would not work elsewhere; empty: it will. */
  clientWarning: z.string(),
  /** Why the command would not work elsewhere (the server's address is loopback only); empty: it will. */
  warning: z.string(),
})
