import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { systemClock } from '../../../lib/clock.ts'
import { createTransport, type Transport, type TransportOptions } from './transport.ts'
import type { ExchangeHandler } from './types.ts'

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
