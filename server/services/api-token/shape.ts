import { z } from 'zod'
import { scopeSchema, tokenScopeSchema } from '../permissions.ts'

export const apiTokenRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string(),
  scopes: z.array(scopeSchema),
  owner: z.string(),
  createdAt: z.date(),
  expiresAt: z.date(),
  lastUsedAt: z.date().nullable(),
  state: z.enum(['usable', 'expired', 'revoked']),
})
export type ApiTokenRow = z.infer<typeof apiTokenRowSchema>

export const createApiTokenSchema = z.object({
  name: z.string().trim().min(1, 'a name to know it by').max(60),
  scopes: z.array(tokenScopeSchema).min(1, 'at least one scope'),
  validDays: z.number().int().min(1).max(365).default(90),
})
/** `token` is shown once. */
export const createdApiTokenSchema = z.object({ token: z.string(), row: apiTokenRowSchema })
export const apiTokenIdSchema = z.object({ id: z.uuid('the id of an API token, as in the list') })
