import { once } from 'node:events'
import { request, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as secureRequest } from 'node:https'
import { createServer, type Socket } from 'node:net'
import { connect } from 'node:tls'
import type { Duplex } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendJson, trustedProxies } from '../auth/index.ts'
import { StartError } from '../errors/index.ts'
import { testPair } from '../tls/testing.ts'
import { factsOf, type CertificatePair } from '../tls/pair.ts'
import { createHttpServer, type HttpServer } from './server.ts'

const host = '127.0.0.1'
const origin = 'https://relay.example:8443'
let server: HttpServer
let setPair: (pair: CertificatePair) => void
let ports: { readonly plain: number; readonly tls: number; readonly beside: number }
const errors: unknown[] = []

async function freePort(): Promise<number> {
  const probe = createServer()
  probe.listen(0, host)
  await once(probe, 'listening')
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  return typeof address === 'object' && address ? address.port : 0
}

beforeAll(async () => {
  server = createHttpServer({ trusted: trustedProxies([]), onError: (error) => errors.push(error) })
  ports = { plain: await freePort(), tls: await freePort(), beside: await freePort() }
  await server.listen(ports.plain, host)
  setPair = await server.listenTls({ port: ports.tls, bind: host, flag: 'tls-port' }, await testPair(['first.example']))
  await server.listenBesideTls({ port: ports.beside, bind: host, flag: 'http-port' }, { origin, challenge: (token) => (token === 'token-1' ? 'token-1.proof' : undefined) })
})
afterAll(() => server.close())

interface Answer {
  readonly status: number | undefined
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

function ask(port: number, path: string, options: RequestOptions = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = port === ports.tls ? secureRequest : request
    send({ host, port, path, agent: false, rejectUnauthorized: false, ...options }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => { body += text }).on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }))
    }).on('error', reject).end()
  })
}

/** An upgrade of our own token by POST, as stock clients send it: what comes back, and an echo where there is one. */
function upgrade(port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const send = port === ports.tls ? secureRequest : request
    const headers = { connection: 'upgrade', upgrade: 'tailscale-control-protocol' }
    send({ host, port, path, method: 'POST', headers, agent: false, rejectUnauthorized: false })
      .on('upgrade', (_response, socket: Socket) => {
        socket.once('data', (data: Buffer) => {
          resolve(`101 ${data}`)
          socket.destroy()
        })
        socket.write('hello')
      })
      .on('response', (response) => resolve(`${response.statusCode} ${response.headers.location ?? ''}`)).on('error', reject).end()
  })
}

test('ACME is answered before anything else is served', async () => {
  expect(await ask(ports.beside, '/.well-known/acme-challenge/token-1')).toMatchObject({ status: 200, body: 'token-1.proof' })
  expect(await ask(ports.beside, '/key')).toMatchObject({ status: 503 })
  expect(await ask(ports.tls, '/')).toMatchObject({ status: 503 })
  server.serve({
    requests: { '/key': async (_request, response) => sendJson(response, 200, { key: 1 }), '/healthz': async (_request, response) => sendJson(response, 200, {}) },
    upgrades: Object.fromEntries(['/ts2021', '/agent/channel'].map((path) => [path, { sameSite: false, handle: (_request: IncomingMessage, socket: Duplex) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nupgrade: tailscale-control-protocol\r\nconnection: upgrade\r\n\r\n')
      socket.pipe(socket)
      socket.on('error', () => socket.destroy())
    } }])),
    pages: async (incoming, response) => sendJson(response, 200, { secure: incoming.headers['x-towpath-secure'], address: incoming.headers['x-towpath-address'] }),
  })
})

test('all of it over TLS, and over the plain port', async () => {
  for (const [port, secure] of [[ports.tls, '1'], [ports.plain, '0']] as const) {
    const page = await ask(port, '/machines')
    expect([page.status, JSON.parse(page.body)]).toEqual([200, { secure, address: host }])
    expect([await upgrade(port, '/ts2021'), await upgrade(port, '/agent/channel'), await upgrade(port, '/none')]).toEqual(['101 hello', '101 hello', '404 '])
  }
})

test('the port beside it serves what clients need there, and sends the rest on', async () => {
  expect(await upgrade(ports.beside, '/ts2021')).toBe('101 hello')
  expect(await upgrade(ports.beside, '/agent/channel')).toBe(`308 ${origin}/agent/channel`)
  expect(await ask(ports.beside, '/key?v=142')).toMatchObject({ status: 200, body: '{"key":1}' })
  expect(await ask(ports.beside, '/healthz')).toMatchObject({ status: 200 })
  expect(await ask(ports.beside, '/generate_204', { headers: { 'x-tailscale-challenge': 'ts_x' } })).toMatchObject({ status: 204, headers: { 'x-tailscale-response': 'response ts_x' } })
  expect(await ask(ports.beside, '/.well-known/acme-challenge/other')).toMatchObject({ status: 404 })
  for (const path of ['/', '/machines?sort=name', '/keys', '/key/x', '//evil.example/', '/.well-known/other']) {
    expect(await ask(ports.beside, path)).toMatchObject({ status: 308, headers: { location: origin + path } })
  }
  expect(await ask(ports.beside, 'http://evil.example/x')).toMatchObject({ status: 308, headers: { location: `${origin}/` } })
  expect(await ask(ports.beside, '/api/auth/sign-in/email', { method: 'POST' })).toMatchObject({ status: 308 })
})

async function handshake(ALPNProtocols?: string[]): Promise<{ alpn: string | false | null; names: readonly string[] }> {
  const socket = connect({ host, port: ports.tls, rejectUnauthorized: false, ...(ALPNProtocols ? { ALPNProtocols } : {}) })
  await once(socket, 'secureConnect')
  const pem = socket.getPeerX509Certificate()?.toString() ?? ''
  socket.destroy()
  return { alpn: socket.alpnProtocol, names: factsOf(pem).names }
}

test('HTTP/1.1 alone, with ALPN or without', async () => {
  expect((await handshake(['h2', 'http/1.1'])).alpn).toBe('http/1.1')
  expect((await handshake()).alpn).toBe(false)
  await expect(handshake(['h2'])).rejects.toThrow(/alert/)
})

test('another certificate from now on, and who is connected stays', async () => {
  const socket = connect({ host, port: ports.tls, rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  setPair(await testPair(['second.example']))
  expect((await handshake()).names).toEqual(['second.example'])
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')
  const [data]: unknown[] = await once(socket, 'data')
  expect(String(data)).toMatch(/^HTTP\/1\.1 200/)
  socket.destroy()
})

test('noise on the TLS port is nobody’s error', async () => {
  const before = errors.length
  const socket = new (await import('node:net')).Socket()
  socket.connect(ports.tls, host, () => socket.write('GET / HTTP/1.1\r\n\r\n'))
  socket.on('error', () => {}).resume()
  await once(socket, 'close')
  expect(errors.length).toBe(before)
})

test('a port in use names its own flag', async () => {
  const second = createHttpServer({ trusted: trustedProxies([]), onError: () => {} })
  const listening = second.listenBesideTls({ port: ports.tls, bind: host, flag: 'http-port' }, { origin, challenge: () => undefined })
  await expect(listening).rejects.toThrow(StartError)
  await expect(listening).rejects.toThrow(`Port ${ports.tls} TCP is in use by another program: stop it, or give --http-port another port`)
})
