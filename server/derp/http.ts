import type { IncomingMessage, ServerResponse } from 'node:http'
import { toHex } from '../../lib/bytes.ts'

/** What stock clients take as the answer to their own challenge, and nothing that could be a header of another kind. */
const challenge = /^[A-Za-z0-9.:_-]{1,64}$/

/** The plain requests of the DERP port (spec section 5); all else is not found. */
export function answerRequest(request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request)
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  response.setHeader('Cache-Control', 'no-store')
  if (isRead && (path === '/derp/probe' || path === '/derp/latency-check')) {
    response.writeHead(200, { 'Access-Control-Allow-Origin': '*', 'Content-Length': 0 }).end()
  } else if (isRead && path === '/generate_204') {
    const asked = request.headers['x-tailscale-challenge']
    if (typeof asked === 'string' && challenge.test(asked)) response.setHeader('X-Tailscale-Response', `response ${asked}`)
    response.writeHead(204).end()
  } else if (isRead && path === '/bootstrap-dns') {
    // Addresses that a client could not look up itself: we know of none that it has not been told already.
    response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 2 }).end('{}')
  } else if (isRead && path === '/') {
    response.writeHead(200, { 'Content-Type': 'text/plain; charset=utf-8' }).end('This port serves DERP, of a Towpath network\n')
  } else {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', Connection: 'close' }).end('Not found: this port serves DERP\n')
  }
}

export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? ''
}

export type Upgrade =
  /** `fastStart`: the client has the server's key already and waits for no HTTP reply. */
  | { readonly kind: 'derp'; readonly fastStart: boolean }
  | { readonly kind: 'websocket' }
  | { readonly kind: 'none' }

/** Which upgrade, if any, a request with an `Upgrade` header is for. */
export function upgradeOf(request: IncomingMessage): Upgrade {
  if (request.method !== 'GET' || pathOf(request) !== '/derp') return { kind: 'none' }
  const wanted = (request.headers.upgrade ?? '').toLowerCase()
  if (wanted === 'websocket') {
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
    return offered.includes('derp') ? { kind: 'websocket' } : { kind: 'none' }
  }
  if (wanted !== 'derp') return { kind: 'none' }
  return { kind: 'derp', fastStart: request.headers['derp-fast-start'] === '1' }
}

/** The reply to an upgrade without fast start. */
export function upgradeReply(publicKey: Uint8Array): string {
  return [
    'HTTP/1.1 101 Switching Protocols', 'Upgrade: DERP', 'Connection: Upgrade', 'Derp-Version: 2', `Derp-Public-Key: ${toHex(publicKey)}`, '', '',
  ].join('\r\n')
}

export const upgradeRefusal = [
  'HTTP/1.1 404 Not Found', 'Content-Type: text/plain; charset=utf-8', 'Content-Length: 34', 'Connection: close', '', 'Not found: this port serves DERP\r\n',
].join('\r\n')
