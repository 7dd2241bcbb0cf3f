import type { IncomingMessage } from 'node:http'

/** What a request asks for, without the query. */
export function pathOf(request: Pick<IncomingMessage, 'url'>): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}
