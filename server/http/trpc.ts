import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { subscriberOf } from '../../lib/addr-port.ts'
import { addressHeader, webHeaders, type HttpHandler } from '../auth/index.ts'
import { maxPolicyBodyBytes } from '../services/policy/shape.ts'
import { createTrpcContext, type TrpcContext, type TrpcDeps } from '../trpc/context.ts'
import { toTrpcError } from '../trpc/errors.ts'
import { appRouter, socketRouter } from '../trpc/router.ts'
import { refuseUpgrade, type UpgradeHandler } from './server.ts'
import { SocketPlaces } from './socket-places.ts'

const maxMessage = 64 * 1024
const pingMs = 20_000

export const trpcPath = '/api/trpc'
export const trpcSocketPath = '/api/trpc-ws'

function reporter({ onError }: TrpcDeps) {
  return ({ error }: { readonly error: Error }): void => {
    const mapped = toTrpcError(error)
    // What a verb refuses is the caller's to read; a bug is the log's.
    if (mapped.code === 'INTERNAL_SERVER_ERROR') onError(mapped.cause ?? mapped)
  }
}

/** Serves queries and mutations of pages. The request must have been stamped. */
export function createTrpcHandler(deps: TrpcDeps): HttpHandler {
  const handler = createHTTPHandler({
    router: appRouter,
    basePath: `${trpcPath}/`,
    maxBodySize: maxPolicyBodyBytes,
    createContext: ({ req }) => createTrpcContext(deps, webHeaders(req)),
    onError: reporter(deps),
  })
  return async (request, response) => handler(request, response)
}

export interface PageSocketCounts {
  readonly open: number
  /** By HTTP status, since the start. */
  readonly refused: Readonly<Record<string, number>>
}

export interface TrpcSockets {
  readonly handleUpgrade: UpgradeHandler
  counts(): PageSocketCounts
  close(): void
}

/** Serves subscriptions of pages to whoever is signed in; all others are told so before they get a socket. The request must have been stamped. */
export function createTrpcSockets(deps: TrpcDeps): TrpcSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxMessage })
  const places = new SocketPlaces()
  /** Bounded: one per request that was let in, and gone with it. */
  const contexts = new WeakMap<IncomingMessage, TrpcContext>()
  const report = reporter(deps)
  /** Bounded: the few statuses that we refuse with. */
  const refused = new Map<string, number>()
  const applied = applyWSSHandler({
    wss: server,
    router: socketRouter,
    createContext: ({ req }) => contexts.get(req) ?? createTrpcContext(deps, webHeaders(req)),
    keepAlive: { enabled: true, pingMs, pongWaitMs: 10_000 },
    onError: report,
  })
  let isClosed = false

  /** The HTTP status to refuse with; undefined: it is let in. */
  async function refusal(request: IncomingMessage): Promise<number | undefined> {
    try {
      const context = await createTrpcContext(deps, webHeaders(request))
      if (context.actor === null) return 401
      contexts.set(request, context)
      return isClosed ? 503 : undefined
    } catch (error) {
      const mapped = toTrpcError(error)
      report({ error: mapped })
      return getHTTPStatusCodeFromError(mapped)
    }
  }

  function refuse(socket: Duplex, status: number): void {
    refused.set(String(status), (refused.get(String(status)) ?? 0) + 1)
    refuseUpgrade(socket, status)
  }

  return {
    counts: () => ({ open: server.clients.size, refused: Object.fromEntries(refused) }),
    handleUpgrade(request, socket, head) {
      const leave = places.take(subscriberOf(String(request.headers[addressHeader] ?? request.socket.remoteAddress ?? '')))
      if (leave === undefined) return refuse(socket, 429)
      socket.once('close', leave)
      // A reset while it is looked up who this is; `close` follows.
      const ignore = (): void => {}
      socket.on('error', ignore)
      void refusal(request).then((status) => {
        if (status !== undefined) return refuse(socket, status)
        socket.off('error', ignore)
        server.handleUpgrade(request, socket, head, (webSocket) => server.emit('connection', webSocket, request))
      })
    },
    close() {
      isClosed = true
      // Pages come back by themselves, to whoever listens then.
      applied.broadcastReconnectNotification()
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}
