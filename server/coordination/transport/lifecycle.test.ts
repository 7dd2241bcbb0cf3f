import { request } from 'node:http'
import { connect as connectTcp } from 'node:net'
import { setTimeout as later } from 'node:timers/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { connect, dial, UpgradeRefused } from '../../../tests/coordination-client/index.ts'
import { createNoiseClient } from '../../../protocol/noise/index.ts'
import { parseKey } from '../../../protocol/keys.ts'
import { h2Opening, h2Request, openTestTransport, rawClient, type TestTransport } from '../../../tests/coordination-client/rig.ts'
import type { AnswerStream, Exchange, ExchangeHandler } from './types.ts'

let open: TestTransport | undefined
afterEach(async () => {
  await open?.close()
  open = undefined
})

async function start(handlers: Readonly<Record<string, ExchangeHandler>> = {}, options: Parameters<typeof openTestTransport>[1] = {}): Promise<TestTransport> {
  open = await openTestTransport(handlers, options)
  return open
}

const quick = { tickMs: 10, handshakeMs: 60, quietMs: 40, deadMs: 120, idleMs: 60_000, closeMs: 300 }

test('the key has a version to be asked with', async () => {
  const { url, transport } = await start()
  const ask = async (path: string, method = 'GET') => {
    const answer = await fetch(url + path, { method })
    return [answer.status, answer.headers.get('content-type')?.split(';')[0], await answer.text()]
  }
  expect(await ask('/key?v=142')).toEqual([200, 'application/json', JSON.stringify({ legacyPublicKey: `mkey:${'0'.repeat(64)}`, publicKey: transport.publicKey })])
  expect((await ask('/key')).slice(0, 2)).toEqual([400, 'text/plain'])
  expect((await ask('/key?v=142', 'POST'))[0]).toBe(405)
})

test('what is no upgrade of a client is 400 and one line', async () => {
  const { url, transport } = await start()
  const plain = await fetch(`${url}/ts2021`, { method: 'POST' })
  expect([plain.status, plain.headers.get('content-type')]).toEqual([400, 'text/plain; charset=utf-8'])
  expect((await plain.text()).trim().split('\n')).toHaveLength(1)
  const upgrade = (method: string, headers: Record<string, string>) => new Promise<number | undefined>((resolve, reject) => {
    const asked = request(`${url}/ts2021`, { method, headers: { connection: 'upgrade', ...headers } }, (response) => resolve(response.resume().statusCode))
    asked.on('error', reject).end()
  })
  const token = { upgrade: 'tailscale-control-protocol' }
  const handshake = (bytes: number) => ({ ...token, 'x-tailscale-handshake': Buffer.alloc(bytes).toString('base64') })
  expect(await Promise.all([
    upgrade('GET', { upgrade: 'websocket' }), upgrade('POST', { upgrade: 'websocket' }), upgrade('GET', handshake(101)), upgrade('POST', token),
    upgrade('POST', handshake(100)), upgrade('POST', handshake(102)), upgrade('POST', { ...token, 'x-tailscale-handshake': '!'.repeat(136) }),
  ])).toEqual([400, 400, 400, 400, 400, 400, 400])
  expect(transport.counts().refused).toMatchObject({ 'no-upgrade': 4, 'bad-handshake': 4 })
})

test('a client that knows another key is told so in words', async () => {
  const { url, transport } = await start()
  await expect(connect(url, { serverKey: `mkey:${'aa'.repeat(32)}` })).rejects.toThrow('server error: this server has another key than this client knows')
  expect(transport.counts()).toMatchObject({ connections: 0, unregistered: 0, refused: { forged: 1 } })
})

test('the upgrade, the handshake, the early payload and the settings are one chunk', async () => {
  const { url, transport } = await start()
  const server = parseKey('mkey', transport.publicKey)
  const noise = server.ok ? createNoiseClient(142, { machine: new Uint8Array(32).fill(1), server: server.value, ephemeral: new Uint8Array(32).fill(2) }) : server
  if (!noise.ok) throw new Error(noise.reason)
  const socket = connectTcp(Number(new URL(url).port), '127.0.0.1')
  const handshake = Buffer.from(noise.value.initiation).toString('base64')
  socket.write(['POST /ts2021 HTTP/1.1', 'Host: a', 'Connection: upgrade', 'Upgrade: tailscale-control-protocol', `X-Tailscale-Handshake: ${handshake}`, '', ''].join('\r\n'))
  const chunk = await new Promise<Buffer>((resolve) => { socket.once('data', resolve) })
  const end = chunk.indexOf('\r\n\r\n') + 4
  expect(chunk.subarray(0, end).toString()).toBe('HTTP/1.1 101 Switching Protocols\r\nUpgrade: tailscale-control-protocol\r\nConnection: upgrade\r\n\r\n')
  const plains = noise.value.push(chunk.subarray(end))
  expect(noise.value.early).toHaveProperty('nodeKeyChallenge')
  // A SETTINGS frame.
  expect(plains.ok && plains.value[0]?.[3]).toBe(4)
  socket.destroy()
})

test('an address has its share of strangers, and a machine with a node is none', async () => {
  const { url, transport } = await start({
    '/register': (exchange) => { exchange.registered(); exchange.answer(200, {}) },
  }, { limits: { maxUnregisteredPerIp: 1, newPerIp: { perSecond: 100, burst: 100 } } })
  const first = await connect(url, { headers: { 'x-test-ip': '192.0.2.1' } })
  await expect(connect(url, { headers: { 'x-test-ip': '192.0.2.1' } })).rejects.toThrow(UpgradeRefused)
  const other = await connect(url, { headers: { 'x-test-ip': '192.0.2.2' } })
  await first.request('/register', {})
  const second = await connect(url, { headers: { 'x-test-ip': '192.0.2.1' } })
  expect(transport.counts()).toMatchObject({ connections: 3, unregistered: 2, refused: { 'too-many-unregistered': 1 } })
  await Promise.all([first.close(), second.close(), other.close()])
})

test('who says nothing after the upgrade is closed in time', async () => {
  const { url, transport, lines } = await start({}, { limits: quick })
  const client = await rawClient(url)
  await client.closed
  await vi.waitFor(() => expect(transport.counts().closed['handshake-timeout']).toBe(1))
  expect(lines.map(({ reason }) => reason)).toEqual(['handshake-timeout'])
})

test('a quiet client is asked for a sign, and one that gives none is gone', async () => {
  const { url, transport } = await start({ '/map': (exchange) => { exchange.stream().write(Buffer.from('a')) } }, { limits: quick })
  const alive = await connect(url)
  await alive.stream('/map', {})
  const dead = await rawClient(url)
  dead.send(h2Opening, h2Request(1, '/map'))
  // The one that answers has been quiet for longer.
  await dead.closed
  expect(transport.callers().map(({ machineKey }) => machineKey)).toEqual([alive.machineKey])
  expect(transport.counts().closed).toMatchObject({ 'half-open': 1, client: 0 })
  await alive.close()
})

test('a connection without requests is ended after a while, in order', async () => {
  const { url, transport } = await start({ '/map': (exchange) => { exchange.stream() } }, { limits: { ...quick, idleMs: 100 } })
  const idle = await connect(url)
  const busy = await connect(url)
  await busy.stream('/map', {})
  await idle.closed
  expect(transport.callers().map(({ machineKey }) => machineKey)).toEqual([busy.machineKey])
  expect(transport.counts().closed.idle).toBe(1)
  await busy.close()
})

test('a clock that jumps ends nobody', async () => {
  let [jump, looks] = [0, 0]
  const clock = { now: () => { looks++; return Date.now() + jump } }
  const { url, transport } = await start({}, { limits: { ...quick, quietMs: 60_000, deadMs: 90_000 }, clock })
  const client = await connect(url)
  for (jump of [3_600_000, -3_600_000]) {
    looks = 0
    await vi.waitFor(() => expect(looks).toBeGreaterThan(5))
  }
  expect(transport.callers()).toHaveLength(1)
  await client.close()
})

test('a body that does not come is not waited for', async () => {
  const { url } = await start({ '/echo': async (exchange) => exchange.answer(200, (await exchange.body(100)).length) }, { limits: { bodyMs: 50 } })
  const client = await rawClient(url)
  client.send(h2Opening, h2Request(1, '/echo', false))
  await vi.waitFor(() => expect(client.received().includes('body took more than 0.05 s')).toBe(true))
  client.socket.destroy()
})

test('the server’s end: owners end their streams, who waits is told, and no one new is let in', async () => {
  const asked: string[] = []
  const { url, transport } = await start({
    '/map': (exchange) => {
      const answer = exchange.stream()
      answer.write(Buffer.from('first'))
      exchange.signal.addEventListener('abort', () => {
        answer.write(Buffer.from('last'))
        answer.end()
      })
    },
    '/followup': (exchange) => new Promise((resolve) => {
      asked.push(exchange.path)
      exchange.signal.addEventListener('abort', () => resolve())
    }),
    '/later': (exchange) => { asked.push(exchange.path) },
  })
  const client = await connect(url)
  const map = await client.stream('/map', {})
  const waiting = [client.request('/followup', {}), client.request('/later', {})]
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  const drained = transport.drain()
  const parts: string[] = []
  for await (const part of map) parts.push(Buffer.from(part).toString())
  expect(parts.join('')).toBe('firstlast')
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([503, 503])
  await client.closed
  await drained
  expect(transport.counts()).toMatchObject({ connections: 0, closed: { drained: 1 } })
  await expect(connect(url)).rejects.toThrow('HTTP 503')
})

test('an owner that does not end its stream is not waited for', async () => {
  const { url, transport } = await start({ '/map': (exchange) => { exchange.stream() } }, { limits: { closeMs: 50 } })
  const client = await connect(url)
  await client.stream('/map', {})
  await transport.drain()
  expect(transport.counts().connections).toBe(0)
  await client.closed
})

test('who is told to end its answer has what was written to it', async () => {
  const { url, transport } = await start({
    '/map': (exchange) => {
      const answer = exchange.stream()
      exchange.signal.addEventListener('abort', () => answer.end())
      answer.write(Buffer.alloc(200_000, 1))
      void transport.drain()
    },
  })
  const gone = await connect(url)
  let bytes = 0
  for await (const part of await gone.stream('/map', {})) bytes += part.length
  expect(bytes).toBe(200_000)
  await gone.closed
  expect(transport.counts().closed.drained).toBe(1)
})

test('204, HEAD and answers given twice', async () => {
  const { url, lines } = await start({
    '/none': (exchange) => { exchange.answer(204, 'nothing'); exchange.answer(200, 'again'); exchange.stream().write(Buffer.from('more')) },
    '/text': (exchange) => exchange.answer(200, 'hello'),
    '/stream': (exchange) => { const answer = exchange.stream(); answer.write(Buffer.from('x')); answer.end() },
  })
  const client = await connect(url)
  const ask = async (path: string, method: string) => {
    const { status, text, headers } = await client.request(path, undefined, { method })
    return [status, text, headers['content-length']]
  }
  expect(await ask('/none', 'POST')).toEqual([204, '', undefined])
  expect(await ask('/text', 'HEAD')).toEqual([200, '', '5'])
  expect(await ask('/text', 'GET')).toEqual([200, 'hello', '5'])
  expect(await ask('/stream', 'HEAD')).toEqual([200, '', undefined])
  expect(await ask('/stream', 'PATCH')).toEqual([200, 'x', undefined])
  expect(lines).toEqual([])
  await client.close()
})

test('a client that does not read holds up its own stream alone, and its writer knows', async () => {
  let answer: AnswerStream | undefined
  let seen: Exchange | undefined
  const { url } = await start({
    '/map': (exchange) => { answer = exchange.stream() },
    '/echo': (exchange) => { seen = exchange; exchange.answer(200, 'ok') },
  })
  const client = await rawClient(url)
  client.send(h2Opening, h2Request(1, '/map'))
  await vi.waitFor(() => expect(answer).toBeDefined())
  client.socket.pause()
  const block = Buffer.alloc(64 * 1024, 7)
  let written = 0
  // Without window from the client, 64 KiB go out.
  while (answer?.write(block)) written += block.length
  let isDrained = false
  const drained = answer?.drained().then(() => { isDrained = true })
  const other = await connect(url)
  expect((await other.request('/echo')).text).toBe('ok')
  expect([isDrained, (answer?.bufferedBytes() ?? 0) > 0, written <= 1024 * 1024]).toEqual([false, true, true])
  expect(seen?.signal.aborted).toBe(true)
  client.socket.destroy()
  await drained
  expect([isDrained, answer?.write(block), answer?.bufferedBytes()]).toEqual([true, false, 0])
  await other.close()
})

test('100 MiB go through in order to a client that reads slowly at first', async () => {
  const block = Buffer.alloc(1024 * 1024)
  for (let i = 0; i < block.length; i++) block[i] = i % 251
  let most = 0
  const { url } = await start({
    '/map': async (exchange) => {
      const answer = exchange.stream()
      for (let n = 0; n < 100; n++) {
        if (!answer.write(block)) await answer.drained()
        most = Math.max(most, answer.bufferedBytes())
      }
      answer.end()
    },
  })
  const client = await connect(url)
  let [at, isEqual] = [0, true]
  for await (const part of await client.stream('/map', {})) {
    if (at === 0) await later(50)
    // Each chunk against the block that repeats.
    for (let done = 0; done < part.length;) {
      const from = at % block.length
      const length = Math.min(part.length - done, block.length - from)
      isEqual &&= Buffer.compare(part.subarray(done, done + length), block.subarray(from, from + length)) === 0
      done += length
      at += length
    }
  }
  expect([at, isEqual, most < 4 * 1024 * 1024]).toEqual([100 * block.length, true, true])
  await client.close()
})

test('a dial that goes away during the handshake leaves nothing behind', async () => {
  const { url, transport } = await start()
  const dials = await Promise.all(Array.from({ length: 20 }, () => dial(url)))
  for (const { socket } of dials) socket.destroy()
  await vi.waitFor(() => expect(transport.counts()).toMatchObject({ connections: 0, unregistered: 0 }))
})
