import { betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { APIError, createAuthMiddleware } from 'better-auth/api'
import { z } from 'zod'
import type { Db } from '../db/client.ts'
import { addressHeader } from './address.ts'
import type { SignInLimit } from './sign-in-limit.ts'

export const minPasswordLength = 10
/** Longer ones only cost time to hash. */
export const maxPasswordLength = 128

export interface SignInOptions {
  readonly db: Db
  readonly secret: string
  /** How browsers reach the dashboard; with `https:` cookies go over HTTPS only. */
  readonly publicUrl: string
  readonly limit: SignInLimit
}

const signInBody = z.object({ email: z.string().max(320) })

/** The page's own origin, under whichever name or address the operator typed: a browser never lets another site send this pair. */
function ownOrigins(request: Request | undefined): string[] {
  const host = request?.headers.get('host')
  return host ? [`http://${host}`, `https://${host}`] : []
}

/** Sessions by e-mail and password. Accounts are made by one-time links alone (door.ts), so signing up is closed here. */
export function createSignIn({ db, secret, publicUrl, limit }: SignInOptions) {
  return betterAuth({
    appName: 'Towpath',
    baseURL: publicUrl,
    basePath: '/api/auth',
    secret,
    database: prismaAdapter(db, { provider: 'postgresql' }),
    emailAndPassword: { enabled: true, disableSignUp: true, minPasswordLength, maxPasswordLength },
    user: { additionalFields: { role: { type: 'string', required: false, input: false } } },
    // No copy of the session in a cookie: a changed role or a removed person counts from the next request on.
    session: { expiresIn: 14 * 86_400, updateAge: 86_400, cookieCache: { enabled: false } },
    trustedOrigins: async (request) => ownOrigins(request),
    telemetry: { enabled: false },
    logger: { disabled: true },
    advanced: {
      cookiePrefix: 'towpath',
      disableCSRFCheck: false,
      disableOriginCheck: false,
      useSecureCookies: publicUrl.startsWith('https:'),
      database: { generateId: 'uuid' },
      // Ours alone: without it every client would share one bucket of the rate limits, and another header could be forged.
      ipAddress: { ipAddressHeaders: [addressHeader] },
    },
    // Signing in has limits of its own, below, that also count by e-mail.
    rateLimit: { enabled: true, window: 60, max: 300, customRules: { '/sign-in/email': false } },
    hooks: {
      before: createAuthMiddleware(async (context) => {
        if (context.path !== '/sign-in/email') return
        const body = signInBody.safeParse(context.body)
        const wait = limit.take(context.headers?.get(addressHeader) ?? '', body.success ? body.data.email : '')
        if (wait === 0) return
        const message = `Too many tries to sign in: wait ${wait} s and try again`
        throw new APIError('TOO_MANY_REQUESTS', { code: 'TOO_MANY_TRIES', message }, { 'retry-after': String(wait), 'x-retry-after': String(wait) })
      }),
      after: createAuthMiddleware(async (context) => {
        if (context.path === '/sign-in/email' && context.context.newSession) limit.succeeded(context.context.newSession.user.email)
      }),
    },
  })
}
export type SignIn = ReturnType<typeof createSignIn>
