import { z } from 'zod'
import type { Prisma } from '../../db/client.ts'
import type { AuditRow } from './shape.ts'
import { auditText } from './words.ts'

const valuesSchema = z.record(z.string(), z.unknown()).nullable().catch(null)
const kindSchema = z.enum(['user', 'token', 'agent', 'system']).catch('system')

export function auditRow(row: Prisma.AuditEventGetPayload<Record<never, never>>): AuditRow {
  const [before, after] = [valuesSchema.parse(row.before), valuesSchema.parse(row.after)]
  const target = { kind: row.targetKind, id: row.targetId, name: row.targetName }
  return {
    id: String(row.id), at: row.at, actor: { kind: kindSchema.parse(row.actorKind), name: row.actorName }, action: row.action, target,
    text: auditText({ action: row.action, target: target.name, before, after }), before, after, ip: row.ip,
  }
}
