import { z } from 'zod'

export const roleSchema = z.enum(['owner', 'admin', 'viewer'])
export type Role = z.infer<typeof roleSchema>

export const personRowSchema = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  role: roleSchema,
  createdAt: z.date(),
  lastSignIn: z.date().nullable(),
})
export type PersonRow = z.infer<typeof personRowSchema>

export const invitePersonSchema = z.object({ role: roleSchema.exclude(['owner']) })
/** Shown once; whoever opens it first makes an account of that role. */
export const inviteSchema = z.object({ link: z.string(), expiresAt: z.date() })
export const setRoleSchema = z.object({ id: z.string(), role: roleSchema })
export const personIdSchema = z.object({ id: z.string() })
