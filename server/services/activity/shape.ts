import { z } from 'zod'

export const auditRowSchema = z.object({
  id: z.string(),
  at: z.date(),
  actor: z.object({ kind: z.enum(['user', 'token', 'agent', 'system']), name: z.string() }),
  /** Such as `relay.set-advertised`. */
  action: z.string(),
  target: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
  /** One line in words: "turned on lock-1". */
  text: z.string(),
  /** Only what changed. */
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
  ip: z.string().nullable(),
})
export type AuditRow = z.infer<typeof auditRowSchema>

export const listActivitySchema = z.object({
  text: z.string().max(100).optional(),
  /** As in lists of sessions. */
  cursor: z.string().max(100).nullish(),
  limit: z.number().int().min(1).max(200).default(50),
})
export const auditPageSchema = z.object({ rows: z.array(auditRowSchema), next: z.string().nullable() })
