import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AnyTRPCRouter, TRPCError } from '@trpc/server'
import { createOpenApiNodeHttpHandler } from 'trpc-to-openapi'
import { readBody, sendJson, webHeaders, type HttpHandler } from '../auth/index.ts'
import { maxPolicyBodyBytes } from '../services/policy/shape.ts'
import { createTrpcContext, type TrpcContext, type TrpcDeps } from '../trpc/context.ts'
import { toTrpcError } from '../trpc/errors.ts'
import { apiError, CapturedResponse, failure } from './answer.ts'
import { lockCoercion } from './coercion.ts'
import { apiDocument } from './document.ts'

export const apiPrefix = '/api/v1'
const documentPath = '/openapi.json'
const mostBytes = 64 * 1024
const methods: readonly string[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']
const seeDocument = `See ${apiPrefix}${documentPath} for what there is`

type Parsed = { readonly ok: true; readonly body: object } | { readonly ok: false; readonly message: string }

function parseObject(bytes: Buffer): Parsed {
  if (bytes.length === 0) return { ok: true, body: {} }
  try {
    const body: unknown = JSON.parse(bytes.toString('utf8'))
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return { ok: true, body }
    return { ok: false, message: 'The body is not a JSON object' }
  } catch (error) {
    return { ok: false, message: `The body is not JSON: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/**
 * Serves `/api/v1/*`: the router's procedures that have a path, for programs. Whoever asks shows an API token; a session
 * cookie counts for nothing here, so no page of another site can act through a browser. The request must have been stamped.
 */
export function createApiHandlerFor(router: AnyTRPCRouter, deps: TrpcDeps): HttpHandler {
  lockCoercion(router)
  const { version, publicUrl } = deps.services.server
  const document = apiDocument(router, version, publicUrl)
  /** Bounded by the requests under way: keys are weak. */
  const contexts = new WeakMap<IncomingMessage, TrpcContext>()
  const errors = new WeakMap<IncomingMessage, TRPCError>()
  const adapter = createOpenApiNodeHttpHandler<AnyTRPCRouter, IncomingMessage, ServerResponse>({
    router,
    createContext: ({ req }) => {
      const context = contexts.get(req)
      if (context === undefined) throw new Error('a request without a context')
      return context
    },
    onError: ({ error, req }) => void errors.set(req, toTrpcError(error)),
    responseMeta: () => ({}),
  })

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname.slice(apiPrefix.length) || '/'
    const method = request.method ?? ''
    if (path === documentPath && method === 'GET') return sendJson(response, 200, document, { 'cache-control': 'no-cache' })

    const headers = webHeaders(request)
    headers.delete('cookie')
    const answerHeaders: Record<string, string> = {}
    const context = await createTrpcContext(deps, headers, (name, value) => {
      answerHeaders[name] = value
    })
    // Before the body: what strangers send is not read.
    if (context.actor === null) {
      const [message, fix] = headers.has('authorization')
        ? ['This API token is unknown, expired or revoked', 'Make a new token in Settings']
        : ['The API needs a token', 'Make one in Settings and send it as "Authorization: Bearer tp_…"']
      return sendJson(response, 401, apiError('unauthenticated', message, fix), { 'www-authenticate': 'Bearer realm="towpath"', connection: 'close' })
    }
    if (!methods.includes(method)) return sendJson(response, 405, apiError('invalid', `${method} is not served`, seeDocument), { allow: methods.join(', ') })

    if (method !== 'GET' && method !== 'DELETE') {
      const most = path.startsWith('/policy') ? maxPolicyBodyBytes : mostBytes
      const bytes = await readBody(request, most)
      if (bytes === undefined) return sendJson(response, 413, apiError('too-large', `The body is longer than ${most} bytes`, 'Send less'), { connection: 'close' })
      if (bytes.length > 0 && !/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
        return sendJson(response, 415, apiError('invalid', 'The body must be JSON', 'Send the header "Content-Type: application/json"'))
      }
      const parsed = parseObject(bytes)
      if (!parsed.ok) return sendJson(response, 400, apiError('invalid', parsed.message, 'Send a JSON object'))
      request.headers['content-type'] = 'application/json'
      Object.assign(request, { body: parsed.body })
    }

    contexts.set(request, context)
    const asked = request.url
    request.url = `${path}${search}`
    const captured = new CapturedResponse(request)
    await adapter(request, captured)
    const error = errors.get(request)
    if (error === undefined) {
      response.writeHead(captured.statusCode, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', ...answerHeaders })
      response.end(captured.text)
      return
    }
    if (error.code === 'INTERNAL_SERVER_ERROR') deps.onError(error.cause ?? error)
    if (error.code === 'NOT_FOUND' && error.cause === undefined) {
      return sendJson(response, 404, apiError('not-found', `There is nothing at ${method} ${(asked ?? '').split('?')[0]}`, seeDocument))
    }
    const { status, body } = failure(error)
    sendJson(response, status, body)
  }

  return async (request, response) => {
    try {
      await serve(request, response)
    } catch (thrown) {
      const error = toTrpcError(thrown)
      if (error.code === 'INTERNAL_SERVER_ERROR') deps.onError(error.cause ?? error)
      const { status, body } = failure(error)
      sendJson(response, status, body)
    }
  }
}
