import { channelPath } from '../../protocol/channel/index.ts'
import { apiPrefix, createApiHandler } from '../api/index.ts'
import { sendJson, type HttpHandler } from '../auth/index.ts'
import type { AppContext } from '../context.ts'
import { createMetricsHandler } from './metrics.ts'
import type { HttpRoutes } from './server.ts'
import { createTrpcHandler, createTrpcSockets, trpcPath, trpcSocketPath } from './trpc.ts'

/** Healthy: it answers, and so does its database. */
function healthHandler({ db, log }: AppContext): HttpHandler {
  return async (_request, response) => {
    try {
      await db.$queryRaw`SELECT 1`
      sendJson(response, 200, { status: 'ok' })
    } catch (error) {
      log.warn({ err: error }, 'health: the database does not answer')
      sendJson(response, 503, { status: 'the database does not answer' })
    }
  }
}

export interface OpenRoutes {
  readonly routes: HttpRoutes
  close(): void
}

/** Which part of the control plane serves which path of the dashboard's port. */
export function createRoutes(context: AppContext, pages: HttpHandler): OpenRoutes {
  const { auth, trpc, hub, downloads, coordination: { transport, streams } } = context
  const sockets = createTrpcSockets(trpc)
  return {
    routes: {
      requests: {
        '/healthz': healthHandler(context),
        '/metrics': createMetricsHandler({
          trpc, isBehindProxy: context.env.publicUrl.startsWith('https:'),
          figures: () => ({ ...context.edge.stats(), channel: hub.counts(), coordination: transport.counts(), maps: streams.counts(), pageSockets: sockets.counts(), quotas: trpc.services.network.quotas.uses() }),
        }),
        '/api/auth': auth.handler,
        [trpcPath]: createTrpcHandler(trpc),
        [apiPrefix]: createApiHandler(trpc),
        '/agent': downloads,
        '/key': transport.keyHandler,
        '/ts2021': transport.upgradeRefused,
      },
      upgrades: {
        // Agents and stock clients prove who they are by their keys; a page has none.
        [channelPath]: { handle: hub.handleUpgrade, sameSite: false },
        '/ts2021': { handle: transport.handleUpgrade, sameSite: false },
        [trpcSocketPath]: { handle: sockets.handleUpgrade, sameSite: true },
      },
      pages,
    },
    close: sockets.close,
  }
}
