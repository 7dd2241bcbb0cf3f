import type { C2nRequest } from '../../services/questions.ts'

const encoder = new TextEncoder()

/**
 * The request that a client is to answer itself. The empty host is what its local API takes (spec/coordination.md §7.3).
 * Throws for a path that is none: paths are ours, so that is a bug.
 */
export function encodeHttpRequest({ method, path, body }: C2nRequest, handlerMs: number): Uint8Array {
  if (!/^\/[\x21-\x7e]*$/.test(path)) throw new Error(`no path for a client: ${JSON.stringify(path)}`)
  const content = body === undefined ? undefined : encoder.encode(body)
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: ',
    `C2n-Handler-Timeout: ${Math.max(1, Math.floor(handlerMs / 1000))}s`,
    ...(content === undefined ? [] : ['Content-Type: application/json', `Content-Length: ${content.length}`]),
  ]
  const start = encoder.encode(`${head.join('\r\n')}\r\n\r\n`)
  if (content === undefined) return start
  const bytes = new Uint8Array(start.length + content.length)
  bytes.set(start)
  bytes.set(content, start.length)
  return bytes
}
