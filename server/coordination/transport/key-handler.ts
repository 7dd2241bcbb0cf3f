import type { IncomingMessage, ServerResponse } from 'node:http'

/** What serves a request of plain HTTP. */
export type PlainHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const noKey = `mkey:${'0'.repeat(64)}`

export function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' })
  response.end(`${text}\n`)
}

/** `GET /key?v=N`: the server's Noise key, which clients ask for at their start. */
export function createKeyHandler(publicKey: string): PlainHandler {
  const answer = JSON.stringify({ legacyPublicKey: noKey, publicKey })
  return async (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return sendText(response, 405, 'Use GET for /key')
    const version = new URL(request.url ?? '/', 'http://unused').searchParams.get('v') ?? ''
    if (!/^\d{1,5}$/.test(version)) return sendText(response, 400, 'Clients that name no capability version in /key?v=… are too old for this server: update them')
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    response.end(request.method === 'HEAD' ? undefined : answer)
  }
}
