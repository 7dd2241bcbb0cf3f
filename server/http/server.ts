import { createServer, STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https'
import type { Duplex } from 'node:stream'
import { sendJson, stampRequest, type HttpHandler, type TrustedProxies } from '../auth/index.ts'
import type { CertificatePair } from '../tls/pair.ts'
import { requestsBesideTls, upgradesBesideTls, type BesideTls } from './beside-tls.ts'
import { listenAt, type Place } from '../listening.ts'
import { pathOf } from './path.ts'

export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void

export interface HttpRoutes {
  /** By the path's first part: `/api/auth` serves itself and all below. The longest that fits is taken. */
  readonly requests: Readonly<Record<string, HttpHandler>>
  /** WebSockets, by exact path. `sameSite`: only from pages that this server gave out. */
  readonly upgrades: Readonly<Record<string, { readonly handle: UpgradeHandler; readonly sameSite: boolean }>>
  /** All other requests: the pages. */
  readonly pages: HttpHandler
}

export interface HttpServerOptions {
  readonly trusted: TrustedProxies
  readonly onError: (error: unknown) => void
}

export interface HttpServer {
  /** Listens without TLS, for everything. Throws StartError when the port cannot be had, as the other two do. */
  listen(port: number, bind: string | undefined): Promise<void>
  /** Serves the same over TLS as well. Returns the way to serve another certificate from then on; who is connected stays. */
  listenTls(place: Place, pair: CertificatePair): Promise<(pair: CertificatePair) => void>
  /** The port beside HTTPS, without TLS: what clients need there, and redirects. */
  listenBesideTls(place: Place, facts: BesideTls): Promise<void>
  /** From now on it serves these; until then it answers 503. */
  serve(routes: HttpRoutes): void
  /** Stops listening and ends what is open, but for sockets that were upgraded. */
  close(): void
}

/** A TLS handshake that takes longer is no client's. */
const handshakeMs = 10_000

/** The route whose prefix is the path, or a folder above it; the longest of several. */
export function routeOf<T>(routes: Readonly<Record<string, T>>, path: string): T | undefined {
  let best = ''
  for (const prefix of Object.keys(routes)) {
    if ((path === prefix || path.startsWith(`${prefix}/`)) && prefix.length > best.length) best = prefix
  }
  return routes[best]
}

/** A browser sends `Origin` with every WebSocket, and lets no page choose it: another site's page is told by it. Programs send none. */
export function isSameSite(request: Pick<IncomingMessage, 'headers'>): boolean {
  const { origin, host } = request.headers
  if (origin === undefined) return true
  return URL.canParse(origin) && new URL(origin).host === host
}

/** What holds for every answer: no other site frames our pages or guesses at content, and addresses with tokens are told to nobody. */
const commonHeaders: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "frame-ancestors 'none'",
  // Not `no-referrer`: browsers then hide the origin from this site too, and signing in is held to it.
  'referrer-policy': 'same-origin',
}

/** Answers a request for a WebSocket with a status and no socket. */
export function refuseUpgrade(socket: Duplex, status: number): void {
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy())
}

/** The dashboard's ports: each request is stamped with its client's address and goes to the part that serves its path. */
export function createHttpServer({ trusted, onError }: HttpServerOptions): HttpServer {
  let routes: HttpRoutes | undefined
  /** Bounded: one per place of a start. */
  const servers: (Server | TlsServer)[] = []

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(commonHeaders)) response.setHeader(name, value)
    if (!routes) return sendJson(response, 503, { message: 'The control plane is starting: try again shortly' }, { 'retry-after': '1' })
    stampRequest(request, trusted)
    const handler = routeOf(routes.requests, pathOf(request)) ?? routes.pages
    try {
      await handler(request, response)
    } catch (error) {
      onError(error)
      if (response.headersSent) response.destroy()
      else sendJson(response, 500, { message: 'This failed: the server’s log says why' })
    }
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const route = routes?.upgrades[pathOf(request)]
    if (!route) return refuseUpgrade(socket, routes ? 404 : 503)
    if (route.sameSite && !isSameSite(request)) return refuseUpgrade(socket, 403)
    stampRequest(request, trusted)
    route.handle(request, socket, head)
  }

  async function open(server: Server | TlsServer, place: Place): Promise<void> {
    await listenAt(server, place, onError)
    servers.push(server)
  }

  const all = (request: IncomingMessage, response: ServerResponse): void => void handle(request, response)

  return {
    listen: (port, bind) => open(createServer(all).on('upgrade', upgrade), { port, bind, flag: 'port' }),
    async listenTls(place, pair) {
      // Never HTTP/2: neither WebSockets nor clients' upgrades would come through it.
      const server = createTlsServer({ ...pair, ALPNProtocols: ['http/1.1'], handshakeTimeout: handshakeMs }, all).on('upgrade', upgrade)
      // What fails before there is a request is the other side's, and there is much of it on a public port.
      server.on('tlsClientError', (_error, socket) => socket.destroy())
      await open(server, place)
      return (next) => server.setSecureContext(next)
    },
    async listenBesideTls(place, facts) {
      const requests = requestsBesideTls(facts, handle)
      const server = createServer((request, response) => void requests(request, response)).on('upgrade', upgradesBesideTls(facts, upgrade))
      await open(server, place)
    },
    serve(wanted) {
      routes = wanted
    },
    close() {
      // Not waited for: sockets that were upgraded hold it open until their owners, who are asked after us, end them.
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
    },
  }
}
