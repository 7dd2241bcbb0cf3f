import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../lib/clock.ts'
import type { DerpRegion } from '../../protocol/channel/index.ts'
import { formatKey, type NodeKey } from '../../protocol/keys.ts'
import { createDerpServer, type DerpServer, type DerpServerOptions } from '../../server/derp/index.ts'
import { generateKeys } from '../config.ts'
import { createDerpClient, type DerpClient, type DerpState } from './index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'derp-'))
  cleanups.push(() => rmSync(path, { recursive: true }))
  return path
}

async function serve(changes: Partial<DerpServerOptions> = {}): Promise<DerpServer> {
  const server = await createDerpServer({ dataFolder: folder(), port: 0, bind: '127.0.0.1', hosts: ['127.0.0.1'], mayConnect: () => true, ...changes })
  cleanups.push(() => server.close())
  return server
}

const regionOf = (server: DerpServer, pins = server.pins): DerpRegion =>
  ({ id: 1, code: 'home', name: 'Home', host: '127.0.0.1', derpPort: server.port, stunPort: 0, pins: [...pins] })

interface Joined extends DerpClient {
  readonly nodeKey: NodeKey
  readonly packets: string[]
  readonly states: DerpState[]
  readonly gone: string[]
}

function joinAt(region: DerpRegion | undefined): Joined {
  const keys = generateKeys()
  const packets: string[] = []
  const states: DerpState[] = []
  const gone: string[] = []
  const client = createDerpClient({
    region, keys, clock: systemClock, random: randomBytes,
    onPacket: (from, bytes) => packets.push(`${from} ${Buffer.from(bytes).toString()}`),
    onState: (state) => states.push(state),
    onPeerGone: (peer, reason) => gone.push(`${peer} ${reason}`),
  })
  cleanups.push(() => client.close())
  const nodeKey = formatKey('nodekey', keys.node.public)
  return { ...client, get state() { return client.state }, get connected() { return client.connected }, packets, states, gone, nodeKey }
}

const connected = (client: DerpClient): Promise<unknown> => vi.waitUntil(() => client.connected, { timeout: 5000, interval: 5 })
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

test('two clients reach each other, and hear when one leaves', async () => {
  const server = await serve()
  const a = joinAt(regionOf(server))
  const b = joinAt(regionOf(server))
  await connected(b)
  a.send(b.nodeKey, text('hello'))
  await vi.waitFor(() => expect(b.packets).toEqual([`${a.nodeKey} hello`]))
  await b.close()
  await vi.waitFor(() => expect(a.gone).toEqual([`${b.nodeKey} 0`]))
  expect(b.state).toEqual({ name: 'stopped' })
})

test('a certificate of another pin is refused, and the text names it', async () => {
  const server = await serve()
  const a = joinAt(regionOf(server, [`sha256-raw:${'0'.repeat(64)}`]))
  await vi.waitFor(() => expect(a.state).toMatchObject({ name: 'waiting', text: expect.stringContaining(`its certificate (${server.pins[0]}) is not the one`) }))
  expect(server.stats().connections).toBe(0)
  a.update(regionOf(server))
  await connected(a)
})

test('without pins the authorities of the system decide: an own certificate is refused', async () => {
  const server = await serve()
  const a = joinAt(regionOf(server, []))
  await vi.waitFor(() => expect(a.state).toMatchObject({ name: 'waiting', text: expect.stringContaining('self-signed') }))
})

const year = 365 * 86_400_000

test.each([['has expired', -5 * year], ['does not hold yet', 5 * year]])('a certificate that %s: so says the text, with the clock; with a pin no date counts', async (what, offMs) => {
  const server = await serve({ clock: { now: () => Date.now() + offMs } })
  const a = joinAt(regionOf(server, []))
  const wanted = `by this machine's clock \\(${new Date().toISOString().slice(0, 10)} ..:.. UTC\\) its certificate ${what}: set the clock`
  await vi.waitFor(() => expect(a.state).toMatchObject({ name: 'waiting', text: expect.stringMatching(wanted) }))
  const pinned = joinAt(regionOf(server))
  await connected(pinned)
})

test('comes back after the server was away, and what is sent meanwhile arrives', async () => {
  const dataFolder = folder()
  const server = await serve({ dataFolder })
  const a = joinAt(regionOf(server))
  const b = joinAt(regionOf(server))
  await connected(a)
  await connected(b)
  await server.close()
  await vi.waitFor(() => expect([a.connected, b.connected]).toEqual([false, false]))
  await serve({ dataFolder, port: server.port })
  await connected(b)
  a.send(b.nodeKey, text('again'))
  await vi.waitFor(() => expect(b.packets).toEqual([`${a.nodeKey} again`]), { timeout: 5000 })
})

test('the certificate is renewed without one dropped connection; a client that connects later accepts the new one', async () => {
  let now = Date.now()
  const clients: Joined[] = []
  const server: DerpServer = await serve({ clock: { now: () => now }, onPins: (pins) => clients.forEach((client) => client.update(regionOf(server, pins))) })
  const old = server.pins
  clients.push(joinAt(regionOf(server)), joinAt(regionOf(server)))
  for (const client of clients) await connected(client)
  now += 370 * 86_400_000
  await server.refreshCertificate()
  now += 86_400_000
  await server.refreshCertificate()
  expect(server.pins[0]).not.toBe(old[0])
  const late = joinAt(regionOf(server))
  await connected(late)
  const [a, b] = clients
  a?.send(b?.nodeKey ?? late.nodeKey, text('still here'))
  await vi.waitFor(() => expect(b?.packets).toEqual([`${a?.nodeKey} still here`]))
  expect(clients.map((client) => client.stats().connects)).toEqual([1, 1])
})

test('a server that speaks something else, or nothing, is waited for', async () => {
  const plain = createServer((socket) => socket.end('no TLS here\r\n'))
  plain.listen(0, '127.0.0.1')
  cleanups.push(() => plain.close())
  await vi.waitUntil(() => plain.listening)
  const address = plain.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const a = joinAt({ id: 1, code: 'x', name: 'x', host: '127.0.0.1', derpPort: port, stunPort: 0, pins: ['sha256-raw:00'] })
  await vi.waitFor(() => expect(a.state).toMatchObject({ name: 'waiting', text: expect.stringContaining(`DERP server 127.0.0.1:${port}: `) }))
})
