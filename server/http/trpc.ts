import { createHTTPHandler } from '@trpc/server/adapters/standalone'
import { applyWSSHandler } from '@trpc/server/adapters/ws'
import { WebSocketServer } from 'ws'
import { webHeaders, type HttpHandler } from '../auth/index.ts'
import { createTrpcContext, type TrpcDeps } from '../trpc/context.ts'
import { toTrpcError } from '../trpc/errors.ts'
import { appRouter, socketRouter } from '../trpc/router.ts'
import type { UpgradeHandler } from './server.ts'

/** A policy is at most 1 MiB; each of its characters may need six in JSON, though hardly all do. */
const mostBytes = 3 * 1024 * 1024
const maxSockets = 500
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
    maxBodySize: mostBytes,
    createContext: ({ req }) => createTrpcContext(deps, webHeaders(req)),
    onError: reporter(deps),
  })
  return async (request, response) => handler(request, response)
}

export interface TrpcSockets {
  readonly handleUpgrade: UpgradeHandler
  close(): void
}

/** Serves subscriptions of pages. The request must have been stamped. */
export function createTrpcSockets(deps: TrpcDeps): TrpcSockets {
  const server = new WebSocketServer({ noServer: true, maxPayload: maxMessage })
  const applied = applyWSSHandler({
    wss: server,
    router: socketRouter,
    createContext: ({ req }) => createTrpcContext(deps, webHeaders(req)),
    keepAlive: { enabled: true, pingMs, pongWaitMs: 10_000 },
    onError: reporter(deps),
  })
  return {
    handleUpgrade(request, socket, head) {
      if (server.clients.size >= maxSockets) return void socket.destroy()
      server.handleUpgrade(request, socket, head, (webSocket) => server.emit('connection', webSocket, request))
    },
    close() {
      // Pages come back by themselves, to whoever listens then.
      applied.broadcastReconnectNotification()
      for (const client of server.clients) client.terminate()
      server.close()
    },
  }
}
