import { readBody, sendJson, sendWeb, webHeaders, type HttpHandler } from './http.ts'
import type { SignIn } from './sign-in.ts'

/** What is open of the library's many paths; everything else about people goes through the verbs, which authorise and audit. */
const open: Readonly<Record<string, 'GET' | 'POST'>> = {
  '/sign-in/email': 'POST',
  '/sign-out': 'POST',
  '/get-session': 'GET',
}
const mostBytes = 16 * 1024

/** Serves `/api/auth/*`. The request must have been stamped (address.ts). */
export function createAuthHandler(signIn: SignIn, publicUrl: string, onError: (error: unknown) => void): HttpHandler {
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
      await sendWeb(response, await signIn.handler(new Request(url, init)))
    } catch (error) {
      onError(error)
      sendJson(response, 500, { code: 'FAILED', message: 'Signing in failed: the server’s log says why' })
    }
  }
}
