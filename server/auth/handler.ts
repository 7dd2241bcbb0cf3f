import type { ServerResponse } from 'node:http'
import { databaseAway } from '../errors/database-away.ts'
import type { TowpathError } from '../errors/index.ts'
import { readBody, sendJson, sendWeb, webHeaders, type HttpHandler } from './http.ts'
import type { SignIn } from './sign-in.ts'

/** What is open of the library's many paths; everything else about people goes through the verbs, which authorise and audit. */
const open: Readonly<Record<string, 'GET' | 'POST'>> = {
  '/sign-in/email': 'POST',
  '/sign-out': 'POST',
  '/get-session': 'GET',
}
const mostBytes = 16 * 1024

export interface AuthHandlerOptions {
  readonly signIn: Pick<SignIn, 'handler'>
  readonly publicUrl: string
  /** Rejects when the database does not answer: the library's own failures do not say why. */
  readonly askDatabase: () => Promise<unknown>
  readonly onError: (error: unknown) => void
}

/** Serves `/api/auth/*`. The request must have been stamped (address.ts). */
export function createAuthHandler({ signIn, publicUrl, askDatabase, onError }: AuthHandlerOptions): HttpHandler {
  function sendAway(response: ServerResponse, away: TowpathError): void {
    sendJson(response, 503, { code: 'UNAVAILABLE', message: `${away.message}: ${away.fix}` }, { 'retry-after': '2' })
  }

  return async (request, response) => {
    try {
      const url = new URL(request.url ?? '/', publicUrl)
      const path = url.pathname.replace(/^\/api\/auth/, '')
      if (path.startsWith('/sign-up')) {
        return sendJson(response, 403, { code: 'SIGN_UP_CLOSED', message: 'Accounts are made by a one-time link: ask an owner of this network for an invitation' })
      }
      const method = Object.hasOwn(open, path) ? open[path] : undefined
      if (method === undefined) return sendJson(response, 404, { code: 'NOT_FOUND', message: `There is nothing at ${url.pathname}` })
      if (request.method !== method) return sendJson(response, 405, { code: 'METHOD_NOT_ALLOWED', message: `Use ${method} for ${url.pathname}` }, { allow: method })
      const body = method === 'POST' ? await readBody(request, mostBytes) : Buffer.alloc(0)
      if (body === undefined) return sendJson(response, 413, { code: 'TOO_LARGE', message: `At most ${mostBytes} bytes` }, { connection: 'close' })
      const headers = webHeaders(request)
      const init: RequestInit = method === 'POST' ? { method, headers, body: body.length > 0 ? body.toString('utf8') : '{}' } : { method, headers }
      if (method === 'POST' && body.length === 0) headers.set('content-type', 'application/json')
      headers.delete('content-length')
      const answer = await signIn.handler(new Request(url, init))
      const away = answer.status < 500 ? undefined : await askDatabase().then(() => undefined, databaseAway)
      if (away) return sendAway(response, away)
      await sendWeb(response, answer)
    } catch (error) {
      const away = databaseAway(error)
      if (away) return sendAway(response, away)
      onError(error)
      sendJson(response, 500, { code: 'FAILED', message: 'Signing in failed: the server’s log says why' })
    }
  }
}
