import type { Clock, RandomBytes } from '../../lib/clock.ts'
import type { Db } from '../db/client.ts'
import { addressHeader } from './address.ts'
import { bearerToken, tokenIdentity } from './api-token.ts'
import { createDoor, type Door } from './door.ts'
import { createAuthHandler } from './handler.ts'
import type { HttpHandler } from './http.ts'
import { readRole, type Identity } from './identity.ts'
import { ensureOwnerLink, type OwnerLink } from './links.ts'
import { createSignInLimit } from './sign-in-limit.ts'
import { createSignIn } from './sign-in.ts'

export { addressHeader, clientAddress, isLoopbackHost, isPlainHttp, plainAddress, stampRequest, trustedProxies, type TrustedProxies } from './address.ts'
export { checkedLinkSchema, doorStateSchema, linkTokenSchema, redeemLinkSchema, type Door } from './door.ts'
export { readBody, sendJson, webHeaders, type HttpHandler } from './http.ts'
export { roles, type Identity, type Role } from './identity.ts'
export { createOwnerLink, ensureOwnerLink, type LinkDeps, type OwnerLink } from './links.ts'
export { sessionSecret } from './secret.ts'
export { maxPasswordLength, minPasswordLength } from './sign-in.ts'

export interface AuthOptions {
  readonly db: Db
  /** Signs session cookies; see `sessionSecret`. */
  readonly secret: string
  /** How browsers reach the dashboard, without a path; with `https:` cookies go over HTTPS only. */
  readonly publicUrl: string
  readonly clock: Clock
  readonly random: RandomBytes
  /** After somebody joined or got a new password by a link: to publish `person.changed` and `audit.added`. */
  readonly onPerson: (change: { readonly personId: string; readonly auditId: string }) => void
  /** A failure that is a bug or the database's. */
  readonly onError: (error: unknown) => void
}

export interface Auth {
  /** Serves `/api/auth/*` on node:http. The request must have been stamped (`stampRequest`). */
  readonly handler: HttpHandler
  readonly door: Door
  /**
   * Who sends these headers: an API token where `Authorization: Bearer` is given (a bad one is nobody, whatever the
   * cookie says), else the session cookie's person. `ip` defaults to the address that `stampRequest` wrote.
   */
  actorFromHeaders(headers: Headers, ip?: string | null): Promise<Identity | undefined>
  /** At start: a link to print for the first owner; undefined when there is an owner. */
  ensureOwnerLink(): Promise<OwnerLink | undefined>
}

/** Sign-in, sessions, one-time links and API tokens, on one database. */
export function createAuth({ db, secret, publicUrl, clock, random, onPerson, onError }: AuthOptions): Auth {
  const limit = createSignInLimit(clock)
  const signIn = createSignIn({ db, secret, publicUrl, limit })
  return {
    handler: createAuthHandler({ signIn, publicUrl, askDatabase: async () => db.$queryRaw`SELECT 1`, onError }),
    door: createDoor({
      db, clock, publicUrl,
      onPerson({ email, ...change }) {
        // Or the link would be no way in for whoever is locked out by another's wrong passwords.
        limit.succeeded(email)
        onPerson(change)
      },
    }),
    async actorFromHeaders(headers, ip = headers.get(addressHeader)) {
      if (headers.has('authorization')) {
        const token = bearerToken(headers)
        return token === undefined ? undefined : tokenIdentity(db, clock, token, ip)
      }
      if (!headers.has('cookie')) return undefined
      const session = await signIn.api.getSession({ headers, query: { disableRefresh: true } })
      if (!session) return undefined
      const { id, name, email, role } = session.user
      return { kind: 'user', id, name, email, role: readRole(role), ip }
    },
    ensureOwnerLink: () => ensureOwnerLink({ db, clock, random }),
  }
}
