import type { HttpHandler } from '../auth/index.ts'
import type { TrpcDeps } from '../trpc/context.ts'
import { appRouter } from '../trpc/router.ts'
import { createApiHandlerFor } from './handler.ts'

export { apiPrefix } from './handler.ts'

/** Serves `/api/v1/*` on the stamped requests of node:http. */
export function createApiHandler(deps: TrpcDeps): HttpHandler {
  return createApiHandlerFor(appRouter, deps)
}
