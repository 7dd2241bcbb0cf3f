import { request } from 'node:http'

export interface LocalRequest {
  readonly method?: string
  readonly body?: string
  readonly timeoutMs?: number
}

/** Asks a client's daemon over its socket, `path` from /localapi/v0/ on. Resolves with the answer's text; rejects unless it is 2xx. */
export function askLocalApi(socketPath: string, path: string, { method = 'GET', body, timeoutMs = 5000 }: LocalRequest = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    // Only under this name does the daemon take a request for one of its own command line's.
    const asked = request({ socketPath, method, path: `/localapi/v0/${path}`, headers: { host: 'local-tailscaled.sock' } }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => { text += chunk })
      answer.on('error', reject)
      answer.on('end', () => {
        const { statusCode = 0 } = answer
        if (statusCode >= 200 && statusCode < 300) resolve(text)
        else reject(new Error(`LocalAPI ${method} ${path}: ${statusCode} ${text.trim()}`))
      })
    })
    asked.on('error', reject)
    asked.setTimeout(timeoutMs, () => asked.destroy(new Error(`LocalAPI ${method} ${path}: no answer within ${timeoutMs} ms`)))
    asked.end(body)
  })
}
