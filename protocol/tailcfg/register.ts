import { z } from 'zod'
import { hostinfoSchema } from './hostinfo.ts'
import { flag, goTimeSchema, nodeKeySchema, optionalKey, optionalText } from './values.ts'

/** `POST /machine/register` (spec/coordination.md §2.1). */
export const registerRequestSchema = z.object({
  Version: z.number().int().min(0).max(65_535),
  NodeKey: optionalKey(nodeKeySchema),
  /** Sticky: set on every register after the first rotation. */
  OldNodeKey: optionalKey(nodeKeySchema),
  Auth: z.object({ AuthKey: optionalText }).nullish(),
  /** Milliseconds; undefined: not set. In the past: log this key out. */
  Expiry: goTimeSchema,
  /** The AuthURL given before; empty: none. */
  Followup: optionalText,
  Hostinfo: hostinfoSchema.nullish(),
  Ephemeral: flag,
  /** Wanted network; `required:` before it refuses another. */
  Tailnet: optionalText,
})
export type RegisterRequest = z.infer<typeof registerRequestSchema>

const userSchema = z.object({ ID: z.number().int(), DisplayName: z.string().optional(), ProfilePicURL: z.string().optional() }).strict()
const loginSchema = z.object({ ID: z.number().int(), Provider: z.string(), LoginName: z.string(), DisplayName: z.string() }).strict()

/** Its answer (§2.2). */
export const registerResponseSchema = z.object({
  User: userSchema.optional(),
  Login: loginSchema.optional(),
  NodeKeyExpired: z.boolean(),
  MachineAuthorized: z.boolean(),
  AuthURL: z.string(),
  NodeKeySignature: z.null(),
  /** Shown to the person; empty: none. */
  Error: z.string(),
}).strict()
export type RegisterResponse = z.infer<typeof registerResponseSchema>

export const emptyRegisterResponse: RegisterResponse = {
  NodeKeyExpired: false, MachineAuthorized: false, AuthURL: '', NodeKeySignature: null, Error: '',
}
