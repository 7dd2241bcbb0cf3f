import { createServer, type Server } from 'node:http'

export interface LocalPages {
  readonly metrics: () => string
  /** For `status` on this machine: plain JSON. */
  readonly status: () => unknown
}

export interface LocalServer {
  readonly port: number
  close(): Promise<void>
}

/** A page elsewhere that names 127.0.0.1 by its own host name may not read it. */
const localHost = /^(?:127\.0\.0\.1|localhost)(?::\d+)?$/

/** `/metrics`, `/healthz` and `/status`, on loopback only. A port in use: another one is taken, as the relay matters more. */
export async function serveLocally(wantedPort: number, pages: LocalPages): Promise<LocalServer> {
  const server = createServer((request, response) => {
    const answer = (code: number, type: string, body: string): void => {
      response.writeHead(code, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
    }
    if (!localHost.test(request.headers.host ?? '')) return answer(403, 'text/plain', 'only by the name of this machine\n')
    if (request.method !== 'GET') return answer(405, 'text/plain', 'GET only\n')
    switch (request.url) {
      case '/metrics': return answer(200, 'text/plain; version=0.0.4; charset=utf-8', pages.metrics())
      case '/healthz': return answer(200, 'text/plain', 'ok\n')
      case '/status': return answer(200, 'application/json', JSON.stringify(pages.status()))
      default: return answer(404, 'text/plain', 'not found\n')
    }
  })
  const port = (await listen(server, wantedPort)) ?? (await listen(server, 0))
  if (port === undefined) throw new Error('no loopback port is free')
  return {
    port,
    close: () => new Promise((resolve) => {
      server.closeAllConnections()
      server.close(() => resolve())
    }),
  }
}

function listen(server: Server, port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const failed = (): void => resolve(undefined)
    server.once('error', failed)
    server.listen({ port, host: '127.0.0.1' }, () => {
      server.removeListener('error', failed)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : undefined)
    })
  })
}
