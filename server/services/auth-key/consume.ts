import type { Millis } from '../../../lib/clock.ts'
import type { Tx } from '../../db/client.ts'
import { matchesHash } from '../../db/secrets.ts'
import { TowpathError } from '../../errors/index.ts'
import { authKeyState, type StoredAuthKey } from './row.ts'
import { authKeyPrefix } from './secret.ts'

const makeAnother = 'Make a new auth key in Settings and join with it'

function wrong(): TowpathError {
  return new TowpathError({ code: 'forbidden', text: 'The auth key is wrong: there is no such key in this network', fix: `Check that it was copied whole. ${makeAnother}` })
}

function useless(key: StoredAuthKey, now: Millis): TowpathError | undefined {
  const on = (date: Date | null): string => (date ? ` on ${date.toISOString().slice(0, 16).replace('T', ' ')} UTC` : '')
  switch (authKeyState(key, now)) {
    case 'usable': return undefined
    case 'revoked': return new TowpathError({ code: 'forbidden', text: `The auth key ${key.prefix} was revoked${on(key.revokedAt)}`, fix: makeAnother })
    case 'used-up': return new TowpathError({ code: 'forbidden', text: `The auth key ${key.prefix} is used up: it lets one machine in, and one joined with it${on(key.usedAt)}`, fix: makeAnother })
    case 'expired': return new TowpathError({ code: 'forbidden', text: `The auth key ${key.prefix} has expired${on(key.expiresAt)}`, fix: makeAnother })
  }
}

/**
 * Uses a key once, in the transaction that creates what it is used for: when that fails, the key is as before. Throws
 * `forbidden` with a text that says whether it is wrong, revoked, used up or expired.
 */
export async function consumeAuthKey(tx: Tx, text: string, now: Millis): Promise<StoredAuthKey> {
  const prefix = authKeyPrefix(text.trim())
  if (prefix === undefined) throw wrong()
  // Locks the row: of two that come at once, the second sees what the first made of it.
  await tx.$executeRaw`SELECT 1 FROM "AuthKey" WHERE prefix = ${prefix} FOR UPDATE`
  const key = await tx.authKey.findUnique({ where: { prefix } })
  if (key === null || !matchesHash(text.trim(), key.hash)) throw wrong()
  const error = useless(key, now)
  if (error) throw error
  return tx.authKey.update({ where: { id: key.id }, data: { uses: { increment: 1 }, usedAt: new Date(now) } })
}
