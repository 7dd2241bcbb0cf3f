import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { systemClock } from '../../lib/clock.ts'
import { clientAddress, sendJson, trustedProxies } from '../../server/auth/index.ts'
import { createTransport, type ExchangeHandler, type Transport } from '../../server/coordination/transport/index.ts'
import { createHttpServer, type HttpServer } from '../../server/http/server.ts'
import { connect } from '../coordination-client/index.ts'
import { freeTcpPort } from './harness/ports.ts'
import { proxies, type Proxy } from './harness/proxies.ts'

describe.each(proxies)('behind $name, set up as the documentation says', ({ name, missing, start }) => {
  if (missing !== undefined) console.log(`The tests of ${name} are skipped: ${missing}`)
  const trusted = trustedProxies(['127.0.0.1'])
  let proxy: Proxy
  let server: HttpServer
  let transport: Transport
  /** Lets the answer that goes on end. */
  let finish = (): void => {}

  beforeAll(async () => {
    if (missing !== undefined) return
    const port = await freeTcpPort()
    const routes: Readonly<Record<string, ExchangeHandler>> = {
      '/echo': async (exchange) => exchange.answer(200, { bytes: (await exchange.body(1 << 20)).length }),
      '/stream': (exchange) => {
        const stream = exchange.stream()
        stream.write(Buffer.from('first'))
        finish = () => {
          stream.write(Buffer.from('second'))
          stream.end()
        }
      },
    }
    const log = { info: () => {}, warn: () => {}, error: () => {} }
    transport = createTransport({
      noiseKey: randomBytes(32), random: randomBytes, clock: systemClock, log, clientIp: (incoming) => clientAddress(incoming, trusted),
      route: (path) => routes[path],
    })
    const sockets = new WebSocketServer({ noServer: true })
    server = createHttpServer({ trusted, onError: (error) => { throw error } })
    await server.listen(port, '127.0.0.1')
    server.serve({
      requests: { '/key': transport.keyHandler, '/ts2021': transport.upgradeRefused },
      upgrades: {
        '/ts2021': { sameSite: false, handle: transport.handleUpgrade },
        '/api/trpc-ws': { sameSite: true, handle: (incoming, socket, head) => sockets.handleUpgrade(incoming, socket, head, (open) => {
          open.on('message', (data) => open.send(`${String(data)} from ${String(incoming.headers['x-towpath-address'])}`))
        }) },
      },
      pages: async ({ url, headers }, response) => sendJson(response, 200, { url, host: headers.host, address: headers['x-towpath-address'], secure: headers['x-towpath-secure'] }),
    })
    proxy = await start(port)
  })
  afterAll(async () => {
    await proxy?.stop()
    await transport?.dispose()
    server?.close()
  })

  /** From another address than the proxy's own, as browsers come; what one says itself of its address is not believed. */
  const browser = () => ({ ca: readFileSync(proxy.ca, 'utf8'), agent: false, family: 4, localAddress: '127.0.0.2' })
  const lie = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' }

  test.skipIf(missing !== undefined)('pages see the browser’s address, host and scheme', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      request(`${proxy.url}/machines?sort=name`, { ...browser(), headers: lie }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (part: string) => { text += part }).on('end', () => resolve(text))
      }).on('error', reject).end()
    })
    expect(JSON.parse(answer)).toEqual({ url: '/machines?sort=name', host: new URL(proxy.url).host, address: '127.0.0.2', secure: '1' })
  })

  test.skipIf(missing !== undefined)('a page’s WebSocket', async () => {
    const socket = new WebSocket(`${proxy.url.replace('https:', 'wss:')}/api/trpc-ws`, { ...browser(), headers: { ...lie, origin: proxy.url } })
    const heard = new Promise((resolve, reject) => {
      socket.on('open', () => socket.send('hello')).on('message', (data) => resolve(String(data))).on('error', reject)
    })
    expect(await heard).toBe('hello from 127.0.0.2')
    socket.terminate()
  })

  test.skipIf(missing !== undefined)('a client’s connection: POST, its own token, and HTTP/2 over Noise in both directions', async () => {
    const client = await connect(proxy.url)
    try {
      expect((await client.request('/echo', Buffer.alloc(500_000))).json).toEqual({ bytes: 500_000 })
      const stream = await client.stream('/stream')
      const parts: string[] = []
      for await (const part of stream) {
        parts.push(Buffer.from(part).toString())
        // It has come before there is more: nothing was held back on the way.
        if (parts.length === 1) finish()
      }
      expect(parts.join('')).toBe('firstsecond')
      expect(transport.callers()).toEqual([expect.objectContaining({ machineKey: client.machineKey, ip: '127.0.0.1' })])
    } finally {
      await client.close()
    }
  })

  test.skipIf(missing !== undefined)('a refusal reaches the client as it is', async () => {
    const { status, text } = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      request(`${proxy.url}/ts2021`, { ...browser(), method: 'POST', headers: { 'content-length': 0 } }, (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (part: string) => { body += part }).on('end', () => resolve({ status: response.statusCode, text: body }))
      }).on('error', reject).end()
    })
    expect([status, text]).toEqual([400, expect.stringContaining('A proxy in front must pass this header')])
  })
})
