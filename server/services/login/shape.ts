import { z } from 'zod'
import { strictBoolean } from '../strict-boolean.ts'

export const loginStateSchema = z.enum(['waiting', 'approved', 'refused', 'lapsed', 'unknown'])
export type LoginState = z.infer<typeof loginStateSchema>

/** What is known of a machine that asks to be let in. */
export const loginMachineSchema = z.object({
  hostname: z.string(),
  /** Such as "Debian 12" or "macOS 15.1"; empty: it does not say. */
  os: z.string(),
  /** Of the client. */
  version: z.string(),
  /** Where it asks from. */
  ip: z.string(),
  /** Who looks asks from the same address. */
  sameAddress: z.boolean(),
  askedAt: z.date(),
  expiresAt: z.date(),
  /** It asks to be removed when it goes offline. */
  ephemeral: z.boolean(),
  /** Tags that it asks for, and those of them that who looks may not give. */
  tags: z.array(z.string()),
  refusedTags: z.array(z.string()),
  /** The machine that it was before, when it is of who looks; null: a new one. */
  returning: z.object({ id: z.number().int(), name: z.string() }).nullable(),
  /** Once approved it still waits for an owner or admin. */
  needsApproval: z.boolean(),
})

export const loginSchema = z.object({
  state: loginStateSchema,
  /** Null: unknown. */
  machine: loginMachineSchema.nullable(),
  /** What it became, once it was approved; null: nothing, or it is gone. */
  joined: z.object({
    id: z.number().int(), name: z.string(), authorized: z.boolean(),
    /** Another person than who looks let it in: it is theirs. */
    another: z.boolean(),
  }).nullable(),
})
export type Login = z.infer<typeof loginSchema>

/** From the page's address; anything may stand there. */
export const loginIdSchema = z.object({ id: z.string().max(200) })
export const decideLoginSchema = z.object({ id: z.string().max(200), approve: strictBoolean })
