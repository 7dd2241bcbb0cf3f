import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import { systemClock } from '../../lib/clock.ts'
import { dial, type DialOptions } from './noise-stream.ts'
import { createTransport, type ExchangeHandler, type Transport, type TransportOptions } from '../../server/coordination/transport/index.ts'

export interface LogLine {
  readonly text: string
  readonly reason?: string
}

export interface TestTransport {
  readonly url: string
  readonly transport: Transport
  readonly lines: LogLine[]
  close(): Promise<void>
}

/** A transport on a free port of loopback, with nothing else there. */
export async function openTestTransport(handlers: Readonly<Record<string, ExchangeHandler>>, options: Partial<TransportOptions> = {}): Promise<TestTransport> {
  const lines: LogLine[] = []
  const keep = (fields: object, text: string): void => void lines.push({ ...fields, text })
  const transport = createTransport({
    noiseKey: randomBytes(32), random: randomBytes, clock: systemClock, log: { info: keep, warn: keep, error: keep },
    clientIp: (request) => String(request.headers['x-test-ip'] ?? request.socket.remoteAddress),
    route: (path) => handlers[path],
    ...options,
  })
  const server = createServer((request, response) => {
    void (request.url?.startsWith('/key') ? transport.keyHandler : transport.upgradeRefused)(request, response)
  })
  server.on('upgrade', transport.handleUpgrade)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    transport, lines,
    async close() {
      await transport.dispose()
      server.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
    },
  }
}

/** A client that need not obey: what it sends is its own affair. */
export interface RawClient {
  readonly socket: Duplex
  /** Seals and sends HTTP/2's bytes. */
  send(...plain: readonly Uint8Array[]): void
  /** The record, not sent. */
  seal(plain: Uint8Array): Uint8Array
  /** What has come from the server, opened, until now. */
  received(): Buffer
  readonly closed: Promise<void>
}

const http2Preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')

/** One HTTP/2 frame. */
export function h2Frame(type: number, flags: number, stream: number, payload: Uint8Array = new Uint8Array(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** What opens HTTP/2 from the client's side. */
export const h2Opening = Buffer.concat([http2Preface, h2Frame(4, 0, 0)])

/** A request's headers, as HPACK without its tables: `POST https://unused<path>`. */
export function h2Request(stream: number, path: string, isWhole = true): Buffer {
  const literal = (name: string, value: string): Buffer => Buffer.concat([Buffer.from([0x10, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)])
  const block = Buffer.concat([literal(':method', 'POST'), literal(':scheme', 'https'), literal(':authority', 'unused'), literal(':path', path)])
  return h2Frame(1, isWhole ? 5 : 4, stream, block)
}

/** Upgrades, and leaves the rest to the test. */
export async function rawClient(url: string, options: DialOptions = {}): Promise<RawClient> {
  const { noise, socket, head } = await dial(url, options)
  const parts: Uint8Array[] = []
  const take = (chunk: Uint8Array): void => {
    const plains = noise.push(chunk)
    if (plains.ok) parts.push(...plains.value)
  }
  const closed = new Promise<void>((resolve) => { socket.once('close', () => resolve()) })
  socket.on('error', () => {})
  socket.on('data', take)
  if (head.length > 0) take(head)
  for (let tries = 0; !noise.isEstablished && tries < 500; tries++) await new Promise((resolve) => { setTimeout(resolve, 5) })
  const seal = (plain: Uint8Array): Uint8Array => {
    const sealed = noise.seal(plain)
    if (!sealed.ok) throw new Error(sealed.reason)
    return sealed.value
  }
  return { socket, seal, closed, send: (...plain) => void socket.write(seal(Buffer.concat(plain))), received: () => Buffer.concat(parts) }
}
