import { sendJson, type HttpHandler } from '../auth/index.ts'
import type { AppContext } from '../context.ts'
import type { HttpRoutes } from './server.ts'

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

/** Which part of the control plane serves which path of the dashboard's port. */
export function createRoutes(context: AppContext, pages: HttpHandler): HttpRoutes {
  return {
    requests: {
      '/healthz': healthHandler(context),
      '/api/auth': context.auth.handler,
    },
    upgrades: {},
    pages,
  }
}
