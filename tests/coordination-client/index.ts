import { connect as connectH2, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2'
import { randomBytes } from 'node:crypto'
import { formatKey, type MachineKey } from '../../protocol/keys.ts'
import { nodeCrypto } from '../../server/coordination/transport/node-crypto.ts'
import { dial, establish, type DialOptions } from './noise-stream.ts'

export { dial, establish, fetchServerKey, NoiseStream, UpgradeRefused, type Dialed, type DialOptions } from './noise-stream.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Of a JSON answer; undefined: it is none. */
  readonly json: unknown
}

export interface RequestOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

/** The body of an answer that goes on: its chunks as they come; leaving the loop cancels the stream. */
export interface AnswerBody extends AsyncIterable<Uint8Array> {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  cancel(): void
}

/** A client of the coordination server that speaks the real protocol. For tests and benches. */
export interface CoordinationClient {
  readonly machineKey: MachineKey
  /** The server's early payload. */
  readonly early: unknown
  readonly session: ClientHttp2Session
  /** Posts JSON (or bytes as they are), and waits for the whole answer. */
  request(path: string, body?: unknown, options?: RequestOptions): Promise<Answer>
  /** Posts JSON, and resolves with the answer's beginning. */
  stream(path: string, body?: unknown, options?: RequestOptions): Promise<AnswerBody>
  /** Resolves when the connection is over, whoever ended it. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/** Connects to the server at `url` (`http://host:port`, `https://…`) up to HTTP/2. Rejects with `UpgradeRefused`, or with the server's words. */
export async function connect(url: string, options: DialOptions = {}): Promise<CoordinationClient> {
  const machine = options.machine ?? randomBytes(32)
  const dialed = await dial(url, { ...options, machine })
  const noise = await establish(dialed)
  const session = connectH2('https://unused', { createConnection: () => noise, settings: { enablePush: false } })
  const closed = new Promise<void>((resolve) => { session.once('close', () => resolve()) })
  // How a connection ends shows in `closed` and in its requests.
  session.on('error', () => {})
  noise.on('error', () => {})
  await new Promise<void>((resolve, reject) => {
    session.once('remoteSettings', () => resolve())
    session.once('error', reject)
    session.once('close', () => reject(new Error('closed before HTTP/2 began')))
  })

  function open(path: string, body: unknown, { method = 'POST', headers = {}, signal }: RequestOptions): ClientHttp2Stream {
    const stream = session.request({ ':method': method, ':path': path, ...headers }, signal ? { signal } : {})
    if (body === undefined) stream.end()
    else stream.end(body instanceof Uint8Array ? body : JSON.stringify(body))
    return stream
  }

  function head(stream: ClientHttp2Stream): Promise<{ readonly status: number; readonly headers: IncomingHttpHeaders }> {
    return new Promise((resolve, reject) => {
      stream.once('response', (headers) => resolve({ status: Number(headers[':status']), headers }))
      stream.once('error', reject)
      stream.once('close', () => reject(new Error('the stream ended without an answer')))
    })
  }

  return {
    machineKey: formatKey('mkey', nodeCrypto.publicKey(machine)),
    early: dialed.noise.early,
    session, closed,
    async request(path, body, requestOptions = {}) {
      const stream = open(path, body, requestOptions)
      const beginning = await head(stream)
      const parts: Buffer[] = []
      for await (const part of stream) parts.push(part)
      const text = Buffer.concat(parts).toString()
      const isJson = beginning.headers['content-type']?.startsWith('application/json') ?? false
      return { ...beginning, text, json: isJson ? JSON.parse(text) : undefined }
    },
    async stream(path, body, requestOptions = {}) {
      const stream = open(path, body, requestOptions)
      const beginning = await head(stream)
      // A reset ends the loop with an error; who does not loop does not care.
      stream.on('error', () => {})
      return { ...beginning, [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](), cancel: () => stream.close(8) }
    },
    async close() {
      if (!session.destroyed) session.close()
      noise.end()
      await closed
    },
  }
}
