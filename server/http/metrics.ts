import type { IncomingMessage } from 'node:http'
import { isLoopbackHost, plainAddress, sendJson, webHeaders, type HttpHandler } from '../auth/index.ts'
import { may } from '../services/actor.ts'
import { createTrpcContext, type TrpcDeps } from '../trpc/context.ts'
import { describeError, toTrpcError } from '../trpc/errors.ts'
import { metricsText, type MetricsFigures } from './metrics-text.ts'

export interface MetricsOptions {
  readonly trpc: TrpcDeps
  /** Then everybody's peer is the proxy, which may well be on loopback. */
  readonly isBehindProxy: boolean
  readonly figures: () => MetricsFigures
}

const loopback = /^(?:127(?:\.\d+){3}|::1)$/
const proxyHeaders = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via']

/** From a program of this machine, through no proxy; a page elsewhere that names 127.0.0.1 by its own host name is none. */
export function isLocal({ headers, socket }: { readonly headers: IncomingMessage['headers']; readonly socket: Pick<IncomingMessage['socket'], 'remoteAddress'> }): boolean {
  return loopback.test(plainAddress(socket.remoteAddress ?? '')) && isLoopbackHost(headers.host ?? '') && proxyHeaders.every((name) => headers[name] === undefined)
}

/** Serves the control plane's counters. The request must have been stamped. */
export function createMetricsHandler({ trpc, isBehindProxy, figures }: MetricsOptions): HttpHandler {
  return async (request, response) => {
    if (request.method !== 'GET') return sendJson(response, 405, { message: 'Use GET for /metrics' }, { allow: 'GET' })
    if (isBehindProxy || !isLocal(request)) {
      try {
        const { actor } = await createTrpcContext(trpc, webHeaders(request))
        if (actor === null) {
          return sendJson(response, 401, { message: 'Counters need an API token with settings:read, as "Authorization: Bearer …"' }, { 'www-authenticate': 'Bearer' })
        }
        if (!may(actor, 'settings:read')) return sendJson(response, 403, { message: 'Counters need settings:read: make a token with this scope in Settings' })
      } catch (error) {
        const mapped = toTrpcError(error)
        if (mapped.code !== 'SERVICE_UNAVAILABLE') throw error
        return sendJson(response, 503, { message: describeError(mapped).message }, { 'retry-after': '2' })
      }
    }
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8', 'cache-control': 'no-store' })
    response.end(metricsText(figures()))
  }
}
