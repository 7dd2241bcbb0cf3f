import type { Millis } from '../../../lib/clock.ts'
import type { Prisma } from '../../db/client.ts'
import type { AuthKeyRow } from './shape.ts'

export type StoredAuthKey = Prisma.AuthKeyGetPayload<Record<never, never>>

/** Whether a key lets somebody in now. What an operator did comes before what time did. */
export function authKeyState({ revokedAt, reusable, uses, expiresAt }: StoredAuthKey, now: Millis): AuthKeyRow['state'] {
  if (revokedAt !== null) return 'revoked'
  if (!reusable && uses > 0) return 'used-up'
  return expiresAt.getTime() <= now ? 'expired' : 'usable'
}

export function authKeyRow(key: StoredAuthKey, now: Millis): AuthKeyRow {
  const { id, prefix, description, reusable, ephemeral, preApproved, tags, createdBy, createdAt, expiresAt, uses } = key
  return { id, prefix, description, reusable, ephemeral, preApproved, tags, createdBy, createdAt, expiresAt, uses, state: authKeyState(key, now) }
}
