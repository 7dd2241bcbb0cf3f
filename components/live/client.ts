import { createTRPCClient, createWSClient, httpBatchLink, splitLink, type TRPCClient, wsLink } from '@trpc/client'
import superjson from 'superjson'
import type { AppRouter } from '../../server/trpc/types.ts'
import { impatientSocket } from './impatient-socket.ts'

/** First tries come quickly, as most breaks are restarts; later ones are spread, so that many pages do not come back at once. */
export function retryDelay(attempt: number, random: number): number {
  if (attempt === 0) return 0
  const base = Math.min(500 * 2 ** (attempt - 1), 5000)
  return Math.round(base * (0.75 + random * 0.5))
}

/** Requests in batches over HTTP, subscriptions over one WebSocket that opens with the first of them. */
export function createClient(): TRPCClient<AppRouter> {
  const origin = typeof window === 'undefined' ? 'http://127.0.0.1' : window.location.origin
  const http = httpBatchLink({ url: `${origin}/api/trpc`, transformer: superjson })
  if (typeof window === 'undefined') return createTRPCClient<AppRouter>({ links: [http] })
  const socket = createWSClient({
    url: `${origin.replace(/^http/, 'ws')}/api/trpc-ws`,
    WebSocket: impatientSocket(),
    lazy: { enabled: true, closeMs: 1000 },
    // A peer that went away without a word is found within this.
    keepAlive: { enabled: true, intervalMs: 4000, pongTimeoutMs: 2500 },
    retryDelayMs: (attempt) => retryDelay(attempt, Math.random()),
  })
  return createTRPCClient<AppRouter>({
    links: [splitLink({ condition: ({ type }) => type === 'subscription', true: wsLink({ client: socket, transformer: superjson }), false: http })],
  })
}
