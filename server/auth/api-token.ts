import type { Clock } from '../../lib/clock.ts'
import type { Db } from '../db/client.ts'
import { apiTokenPrefix, matchesHash } from '../db/secrets.ts'
import { readRole, type Identity } from './identity.ts'

/** A token's last use is written at most this often. */
const lastUsedEvery = 60_000

/** The token of an `Authorization: Bearer …` header; undefined: there is none. */
export function bearerToken(headers: Headers): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '')?.[1]
}

/** Whose token it is, unless it is unknown, expired or revoked, or its owner is gone. */
export async function tokenIdentity(db: Db, clock: Clock, token: string, ip: string | null): Promise<Identity | undefined> {
  const prefix = apiTokenPrefix(token)
  if (prefix === undefined) return undefined
  const row = await db.apiToken.findUnique({ where: { prefix }, include: { user: { select: { role: true } } } })
  if (!row || !matchesHash(token, row.hash)) return undefined
  const now = clock.now()
  if (row.revokedAt || row.expiresAt.getTime() <= now) return undefined
  const stale = new Date(now - lastUsedEvery)
  if (!row.lastUsedAt || row.lastUsedAt <= stale) {
    // The condition again: of requests that come at once, one writes.
    await db.apiToken.updateMany({ where: { id: row.id, OR: [{ lastUsedAt: null }, { lastUsedAt: { lte: stale } }] }, data: { lastUsedAt: new Date(now) } })
  }
  return { kind: 'token', id: row.id, name: row.name, role: readRole(row.user.role), scopes: row.scopes, ip }
}
