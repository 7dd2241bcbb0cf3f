import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { HttpHandler } from '../auth/index.ts'
import { answerRequest } from '../derp/http.ts'
import type { UpgradeHandler } from './server.ts'
import { pathOf } from './path.ts'

/** What the port without TLS needs to know of the one with it. */
export interface BesideTls {
  /** Of the dashboard, such as `https://relay.example.com`: where everything else is found. */
  readonly origin: string
  /** The answer to an ACME server's question for a token. */
  readonly challenge: (token: string) => string | undefined
}

const challengePath = '/.well-known/acme-challenge/'
/** What clients and monitors ask for without TLS, and would not follow elsewhere. The upgrade brings its own encryption. */
const open: ReadonlySet<string> = new Set(['/key', '/ts2021', '/healthz'])
const openUpgrades: ReadonlySet<string> = new Set(['/ts2021'])

/** An address in absolute form, or none at all, is not one of ours: the front page then. */
function target(origin: string, request: IncomingMessage): string {
  return origin + (request.url?.startsWith('/') ? request.url : '/')
}

/** The requests of the port beside HTTPS: few are served, all others are sent there. */
export function requestsBesideTls({ origin, challenge }: BesideTls, serve: HttpHandler): HttpHandler {
  return async (request, response) => {
    const path = pathOf(request)
    if (open.has(path)) return serve(request, response)
    // A captive portal is told by this answer over plain HTTP, with the client's own challenge in it.
    if (path === '/generate_204') return answerRequest(request, response)
    if (path.startsWith(challengePath)) {
      const answer = challenge(path.slice(challengePath.length))
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
      response.end(answer ?? 'Not found: no certificate is being asked for with this token\n')
      return
    }
    response.writeHead(308, { location: target(origin, request), 'content-length': 0 }).end()
  }
}

/** Likewise for upgrades. */
export function upgradesBesideTls({ origin }: BesideTls, serve: UpgradeHandler): UpgradeHandler {
  return (request, socket: Duplex, head) => {
    if (openUpgrades.has(pathOf(request))) return serve(request, socket, head)
    socket.on('error', () => socket.destroy())
    socket.end(`HTTP/1.1 308 ${STATUS_CODES[308]}\r\nlocation: ${target(origin, request)}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`, () => socket.destroy())
  }
}
