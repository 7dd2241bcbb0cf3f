import type { Tx } from '../../db/client.ts'
import { TowpathError } from '../../errors/index.ts'
import type { Actor } from '../actor.ts'
import { scopeSchema } from '../permissions.ts'
import type { ApiTokenRow } from './shape.ts'

export const tokenInclude = { user: { select: { name: true } } } as const

export interface StoredToken {
  readonly id: string
  readonly name: string
  readonly prefix: string
  readonly scopes: readonly string[]
  readonly userId: string
  readonly user: { readonly name: string }
  readonly createdAt: Date
  readonly expiresAt: Date
  readonly lastUsedAt: Date | null
  readonly revokedAt: Date | null
}

export function tokenRow({ id, name, prefix, scopes, user, createdAt, expiresAt, lastUsedAt, revokedAt }: StoredToken, now: number): ApiTokenRow {
  return {
    id, name, prefix, owner: user.name, createdAt, expiresAt, lastUsedAt,
    // A scope of another version gives nothing, so it is not shown.
    scopes: scopes.flatMap((scope) => scopeSchema.safeParse(scope).data ?? []),
    state: revokedAt ? 'revoked' : expiresAt.getTime() <= now ? 'expired' : 'usable',
  }
}

/** Whose tokens the actor sees and revokes: an owner everybody's, anybody else their own. Undefined: all. */
export async function tokenOwner(tx: Tx, actor: Actor): Promise<string | undefined> {
  switch (actor.kind) {
    case 'system': return undefined
    case 'user': return actor.role === 'owner' ? undefined : actor.id
    case 'token': {
      if (actor.role === 'owner') return undefined
      const own = await tx.apiToken.findUnique({ where: { id: actor.id }, select: { userId: true } })
      if (own) return own.userId
      throw new TowpathError({ code: 'unauthenticated', text: 'This API token is gone', fix: 'Make a new token in Settings' })
    }
    case 'agent': throw new TowpathError({ code: 'forbidden', text: 'An agent has no API tokens', fix: 'Sign in as a person' })
  }
}
