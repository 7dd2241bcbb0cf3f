import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { installScript } from './install-script.ts'

export interface AgentDownloadsOptions {
  /** The control plane's URL as other machines reach it; a function where it may change. */
  readonly publicUrl: string | (() => string)
  /** The built agent, `dist/agent.mjs`. */
  readonly bundlePath: string
}

/** For all below `/agent`: `agent.mjs`, `agent.mjs.sha256` and `install.sh`; the rest is not found. Never rejects. */
export type AgentDownloads = (request: IncomingMessage, response: ServerResponse) => Promise<void>

interface Bundle {
  readonly version: string
  readonly bytes: Buffer
  readonly sha256: string
}

export function createAgentDownloads({ publicUrl, bundlePath }: AgentDownloadsOptions): AgentDownloads {
  let held: Bundle | undefined

  /** The file as it is now: read again only when it is another. */
  const bundle = async (): Promise<Bundle> => {
    const { mtimeMs, size } = await stat(bundlePath)
    const version = `${mtimeMs} ${size}`
    if (held?.version === version) return held
    const bytes = await readFile(bundlePath)
    held = { version, bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
    return held
  }

  const pages: Readonly<Record<string, { readonly type: string; readonly body: (bundle: Bundle) => string | Buffer }>> = {
    '/agent/agent.mjs': { type: 'text/javascript; charset=utf-8', body: ({ bytes }) => bytes },
    '/agent/agent.mjs.sha256': { type: 'text/plain; charset=utf-8', body: ({ sha256 }) => `${sha256}  agent.mjs\n` },
    '/agent/install.sh': {
      type: 'text/x-shellscript; charset=utf-8',
      body: ({ sha256 }) => installScript({ publicUrl: (typeof publicUrl === 'string' ? publicUrl : publicUrl()).replace(/\/+$/, ''), sha256 }),
    },
  }

  return async (request, response) => {
    const answer = (code: number, type: string, body: string | Buffer): void => {
      response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(body), 'cache-control': 'no-cache' })
      response.end(request.method === 'HEAD' ? undefined : body)
    }
    const page = pages[(request.url ?? '').split('?')[0] ?? '']
    if (!page) return answer(404, 'text/plain', 'not found\n')
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'text/plain', 'GET only\n')
    const current = await bundle().catch(() => undefined)
    if (current) answer(200, page.type, page.body(current))
    else answer(503, 'text/plain', 'The agent is not built: run "npm run build" on the control plane\n')
  }
}
