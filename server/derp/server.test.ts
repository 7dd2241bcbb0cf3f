import { randomBytes, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { createFrameParser } from '../../protocol/derp/frame.ts'
import { sealClientInfo } from '../../protocol/derp/info.ts'
import { decodeDerp, encodeDerp, type DerpMessage } from '../../protocol/derp/message.ts'
import { formatKey, type NodeKey } from '../../protocol/keys.ts'
import { beforeBox, boxPublicKey } from '../../protocol/nacl-box.ts'
import { openCertificateFiles } from './certificate-store.ts'
import { makeCertificate } from './certificate.ts'
import { createDerpServer, defaultDerpLimits, type DerpServer, type DerpServerOptions } from './index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const privateKeyOf = (n: number): Uint8Array => new Uint8Array(32).fill(n)
const keyOf = (n: number): Uint8Array => boxPublicKey(privateKeyOf(n))
const nameOf = (n: number): NodeKey => formatKey('nodekey', keyOf(n))

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'derp-'))
  cleanups.push(() => rmSync(path, { recursive: true }))
  return path
}

async function start(changes: Partial<DerpServerOptions> = {}): Promise<DerpServer> {
  const known = new Set([1, 2, 3].map(nameOf))
  const server = await createDerpServer({
    dataFolder: folder(), port: 0, bind: '127.0.0.1', hosts: ['127.0.0.1', 'localhost'], mayConnect: (key) => known.has(key), ...changes,
  })
  cleanups.push(() => server.close())
  return server
}

async function tls(server: DerpServer): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port: server.port, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] })
  cleanups.push(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'secureConnect')
  return socket
}

async function ask(server: DerpServer, text: string): Promise<string> {
  const socket = await tls(server)
  let answer = ''
  socket.on('data', (chunk: Buffer) => { answer += chunk.toString() })
  socket.write(text)
  await once(socket, 'close')
  return answer
}

interface Client {
  readonly messages: DerpMessage[]
  readonly send: (message: DerpMessage) => void
  readonly raw: (bytes: Uint8Array) => void
  readonly hello: (n: number) => void
  readonly until: (kind: DerpMessage['kind']) => Promise<DerpMessage>
  readonly closed: () => boolean
}

function client(write: (bytes: Uint8Array) => void): Client & { take: (bytes: Uint8Array) => void; end: () => void } {
  const parser = createFrameParser()
  const messages: DerpMessage[] = []
  let ended = false
  const send = (message: DerpMessage): void => write(encodeDerp(message))
  return {
    messages,
    send,
    raw: write,
    take(bytes) {
      const frames = parser.push(Uint8Array.from(bytes))
      for (const frame of frames.ok ? frames.value : []) {
        const message = decodeDerp(frame)
        if (message.ok) messages.push(message.value)
      }
    },
    end() { ended = true },
    closed: () => ended,
    hello(n) {
      const serverKey = messages.find((message) => message.kind === 'server-key')?.serverKey ?? new Uint8Array(32)
      const shared = beforeBox(privateKeyOf(n), serverKey)
      if (!shared.ok) throw new Error(shared.reason)
      send({ kind: 'client-info', clientKey: keyOf(n), ...sealClientInfo(shared.value, randomBytes(24), { canAckPings: true }) })
    },
    async until(kind) {
      const find = (): DerpMessage | undefined => messages.find((message) => message.kind === kind)
      await vi.waitUntil(() => find() ?? ended, { timeout: 5000, interval: 5 })
      const found = find()
      if (!found) throw new Error(`no ${kind} among ${messages.map((message) => message.kind).join(' ')}`)
      return found
    },
  }
}

/** A client past its upgrade, by HTTP reply or by fast start. */
async function derp(server: DerpServer, n: number, fastStart = true): Promise<Client & { socket: TLSSocket }> {
  const socket = await tls(server)
  const made = client((bytes) => socket.write(bytes))
  let reply = fastStart ? undefined : ''
  socket.on('data', (chunk: Buffer) => {
    if (reply === undefined) return made.take(chunk)
    reply += chunk.toString('latin1')
    const end = reply.indexOf('\r\n\r\n')
    if (end < 0) return
    expect(reply.slice(0, end).split('\r\n')).toEqual([
      'HTTP/1.1 101 Switching Protocols', 'Upgrade: DERP', 'Connection: Upgrade', 'Derp-Version: 2', `Derp-Public-Key: ${Buffer.from(server.publicKey).toString('hex')}`,
    ])
    made.take(Buffer.from(reply.slice(end + 4), 'latin1'))
    reply = undefined
  })
  socket.on('close', made.end)
  socket.write(`GET /derp HTTP/1.1\r\nHost: d\r\nUpgrade: DERP\r\nConnection: Upgrade\r\n${fastStart ? 'Derp-Fast-Start: 1\r\n' : ''}\r\n`)
  await made.until('server-key')
  made.hello(n)
  await made.until('server-info')
  return { ...made, socket }
}

test('upgrades with an HTTP reply, by fast start, and over a WebSocket; each reaches the others', async () => {
  const server = await start()
  const a = await derp(server, 1, false)
  const b = await derp(server, 2, true)
  const webSocket = new WebSocket(`wss://127.0.0.1:${server.port}/derp`, 'derp', { rejectUnauthorized: false })
  cleanups.push(() => webSocket.terminate())
  const c = client((bytes) => webSocket.send(bytes))
  webSocket.on('message', (data: Buffer) => c.take(data))
  await c.until('server-key')
  c.hello(3)
  await c.until('server-info')
  const packet = Uint8Array.of(4, 0, 0, 0, 9)
  a.send({ kind: 'send-packet', destination: keyOf(2), packet })
  a.send({ kind: 'send-packet', destination: keyOf(3), packet })
  c.send({ kind: 'send-packet', destination: keyOf(1), packet })
  expect(await b.until('recv-packet')).toMatchObject({ source: keyOf(1), packet })
  expect(await c.until('recv-packet')).toMatchObject({ source: keyOf(1), packet })
  expect(await a.until('recv-packet')).toMatchObject({ source: keyOf(3), packet })
  expect(server.readPairs()).toContainEqual({ from: nameOf(1), to: nameOf(2), packets: 1, bytes: 5 })
  expect(server.readPairs()).toEqual([])
  expect(server.stats()).toMatchObject({ clients: 3, packets: 3 })
  b.socket.destroy()
  expect(await a.until('peer-gone')).toMatchObject({ peer: keyOf(2), reason: 0 })
})

test('answers probes and challenges, and nothing else', async () => {
  const server = await start()
  const get = (path: string, headers = ''): Promise<string> => ask(server, `GET ${path} HTTP/1.1\r\nHost: d\r\nConnection: close\r\n${headers}\r\n`)
  for (const path of ['/derp/probe', '/derp/latency-check?x=1']) {
    const answer = await get(path)
    expect(answer).toMatch(/^HTTP\/1.1 200 /)
    expect(answer).toContain('Access-Control-Allow-Origin: *')
  }
  expect(await get('/generate_204', 'X-Tailscale-Challenge: ts_a.b:1-2\r\n')).toMatch(/^HTTP\/1.1 204 [^]*X-Tailscale-Response: response ts_a.b:1-2\r\n/)
  expect(await get('/generate_204', 'X-Tailscale-Challenge: <b>\r\n')).not.toContain('X-Tailscale-Response')
  expect(await get('/bootstrap-dns?q=example.com')).toMatch(/^HTTP\/1.1 200 [^]*Content-Type: application\/json\r\n[^]*\r\n\r\n\{\}$/)
  expect(await get('/')).toMatch(/^HTTP\/1.1 200 [^]*Content-Type: text\/plain[^]*This port serves DERP/)
  expect(await get('/elsewhere')).toMatch(/^HTTP\/1.1 404 [^]*this port serves DERP/)
  expect(await get('/derp')).toMatch(/^HTTP\/1.1 404 /)
  expect(await get('/other', 'Upgrade: DERP\r\nConnection: Upgrade\r\n')).toMatch(/^HTTP\/1.1 404 /)
  expect(await ask(server, 'rubbish\r\n\r\n')).toBe('')
  expect(server.stats()).toMatchObject({ connections: 0, failedHandshakes: 1 })
})

test('strangers and frames too long end the connection; a removed node is out', async () => {
  const server = await start()
  const a = await derp(server, 1)
  const b = await derp(server, 2)
  a.raw(Uint8Array.of(4, 0xff, 0, 0, 0))
  await vi.waitFor(() => expect(a.closed()).toBe(true))
  server.disconnect(nameOf(2))
  await vi.waitFor(() => expect(b.closed()).toBe(true))
  await expect(derp(server, 9)).rejects.toThrow('no server-info')
  expect(server.stats()).toMatchObject({ connections: 0, closed: { 'bad-frame': 1, disconnected: 1, 'not-permitted': 1 } })
})

test('who may not connect any more is out at the next look; others stay', async () => {
  const known = new Set([1, 2].map(nameOf))
  const server = await start({ mayConnect: (key) => known.has(key) })
  const [a, b] = [await derp(server, 1), await derp(server, 2)]
  server.recheck()
  known.delete(nameOf(1))
  server.recheck()
  await vi.waitFor(() => expect(a.closed()).toBe(true))
  b.send({ kind: 'ping', data: new Uint8Array(8) })
  await b.until('pong')
  expect(server.stats()).toMatchObject({ clients: 1, closed: { disconnected: 1 } })
})

test('one that reads slowly loses its oldest packets and hinders nobody', async () => {
  const server = await start({ limits: { ...defaultDerpLimits, bytesPerSecond: 1e9, burstBytes: 1e9, queueBytes: 256 * 1024 } })
  const sender = await derp(server, 1)
  const slow = await derp(server, 2)
  const quick = await derp(server, 3)
  slow.socket.pause()
  const packet = new Uint8Array(60_000)
  for (let i = 0; i < 400; i++) sender.send({ kind: 'send-packet', destination: keyOf(2), packet })
  sender.send({ kind: 'send-packet', destination: keyOf(3), packet: Uint8Array.of(1) })
  expect(await quick.until('recv-packet')).toMatchObject({ packet: Uint8Array.of(1) })
  expect(server.stats().dropped['queue-full']).toBeGreaterThan(0)
  slow.socket.resume()
  await vi.waitFor(() => {
    const got = slow.messages.filter((message) => message.kind === 'recv-packet').length
    expect(got + server.stats().dropped['queue-full']).toBe(400)
  }, { timeout: 5000 })
})

test('a new limit is told at once', async () => {
  const server = await start()
  const a = await derp(server, 1)
  server.setLimits({ ...defaultDerpLimits, bytesPerSecond: 1000, burstBytes: 1000 })
  await vi.waitFor(() => expect(a.messages.filter(({ kind }) => kind === 'server-info')).toHaveLength(2))
})

test('keys and certificate stay over a restart, for their owner only; the pin is the served certificate', async () => {
  const dataFolder = folder()
  const first = await start({ dataFolder })
  const socket = await tls(first)
  const served = new X509Certificate(socket.getPeerX509Certificate()?.raw ?? '')
  expect(first.pins).toEqual([`sha256-raw:${served.fingerprint256.replaceAll(':', '').toLowerCase()}`])
  expect(served.checkHost('localhost')).toBe('localhost')
  expect(served.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(first.certificate.own).toBe(true)
  const { pins, publicKey } = first
  await first.close()
  const again = await start({ dataFolder })
  expect(again.pins).toEqual(pins)
  expect(again.publicKey).toEqual(publicKey)
  for (const name of ['server.key', 'certificate.json']) expect(statSync(join(dataFolder, 'derp', name)).mode & 0o777).toBe(0o600)
})

test('the certificate is renewed in place: connections stay, both pins are pushed, and the new one is served', async () => {
  let now = Date.now()
  const pushed: (readonly string[])[] = []
  const server = await start({ clock: { now: () => now }, onPins: (pins) => pushed.push(pins) })
  const [old] = server.pins
  const a = await derp(server, 1)
  now += 370 * 86_400_000
  await server.refreshCertificate()
  expect(pushed).toHaveLength(1)
  expect(pushed[0]?.[0]).toBe(old)
  const next = pushed[0]?.[1]
  now += 86_400_000
  await server.refreshCertificate()
  expect(pushed[1]).toEqual([next, old])
  const raw = (await tls(server)).getPeerX509Certificate()
  expect(`sha256-raw:${raw?.fingerprint256.replaceAll(':', '').toLowerCase()}`).toBe(next)
  a.send({ kind: 'ping', data: new Uint8Array(8) })
  await a.until('pong')
  now += 86_400_000
  await server.refreshCertificate()
  expect(server.pins).toEqual([next])
})

test("the operator's files are read again when they change; bad ones leave the good in use", async () => {
  const path = folder()
  const files = { cert: join(path, 'cert.pem'), key: join(path, 'key.pem') }
  const write = async (): Promise<string> => {
    const made = await makeCertificate(['localhost'], Date.now(), randomBytes)
    writeFileSync(files.cert, made.cert)
    writeFileSync(files.key, made.key)
    return made.pin
  }
  const first = await write()
  const log: string[] = []
  const server = await start({ files, onLog: (text) => log.push(text) })
  expect(server.pins).toEqual([first])
  writeFileSync(files.key, (await makeCertificate(['localhost'], Date.now(), randomBytes)).key)
  await server.refreshCertificate()
  await server.refreshCertificate()
  expect(log).toHaveLength(1)
  expect(log[0]).toContain('does not belong to the certificate')
  expect(server.pins).toEqual([first])
  const second = await write()
  await server.refreshCertificate()
  expect(server.pins).toEqual([second, first])
  expect(server.certificate.own).toBe(false)
})

test("an operator's self-signed certificate is presented alone, whatever stands beside it; one for another name is warned of", async () => {
  const path = folder()
  const files = { cert: join(path, 'cert.pem'), key: join(path, 'key.pem') }
  const [made, beside] = [await makeCertificate(['relay.example.com'], Date.now(), randomBytes), await makeCertificate(['other'], Date.now(), randomBytes)]
  writeFileSync(files.cert, `${made.cert}${beside.cert}`)
  writeFileSync(files.key, made.key)
  const log: string[] = []
  const open = (host: string) => openCertificateFiles(files, host, (text) => log.push(text))
  expect(open('relay.example.com')).toMatchObject({ served: { cert: made.cert }, pins: [made.pin] })
  open('192.0.2.1')
  expect(log).toEqual([])
  open('elsewhere.example.com')
  expect(log).toEqual([expect.stringContaining('is not for elsewhere.example.com: stock clients refuse it')])
})

test('what keeps it from starting is one clear line', async () => {
  const server = await start()
  await expect(start({ port: server.port })).rejects.toThrow(`Port ${server.port} TCP is in use by another program: stop it, or give --derp-port another port`)
  await expect(start({ files: { cert: '/nowhere/cert.pem', key: '/nowhere/key.pem' } })).rejects.toThrow('give --derp-cert a PEM file')
})
