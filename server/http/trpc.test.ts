import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { addressHeader, type Identity } from '../auth/index.ts'
import { TowpathError } from '../errors/index.ts'
import type { TrpcDeps } from '../trpc/context.ts'
import { SocketPlaces } from './socket-places.ts'
import { createTrpcSockets, type TrpcSockets } from './trpc.ts'

let server: Server
let sockets: TrpcSockets
let url = ''
const ann: Identity = { kind: 'user', id: 'ann', name: 'Ann', email: 'ann@example.org', role: 'owner', ip: null }
let identify: () => Promise<Identity | undefined>

beforeAll(async () => {
  // A stand-in that has what a socket's context reaches: a verb that ran would fail on what is not there.
  sockets = createTrpcSockets({ auth: { actorFromHeaders: () => identify() }, onError: () => {} } as unknown as TrpcDeps)
  server = createServer().on('upgrade', sockets.handleUpgrade)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address()
  url = `ws://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
})
beforeEach(() => { identify = async () => ann })
afterAll(() => {
  sockets.close()
  server.close()
})

/** What comes of it: `open`, or the status of the refusal. The socket stays. */
function knock(address: string): Promise<{ readonly socket: WebSocket; readonly outcome: 'open' | number }> {
  const socket = new WebSocket(url, { headers: { [addressHeader]: address } })
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve({ socket, outcome: 'open' }))
    socket.once('unexpected-response', (_request, response) => {
      response.resume()
      resolve({ socket, outcome: response.statusCode ?? 0 })
    })
    socket.once('error', reject)
  })
}

test('a socket, which may outlive a role, serves live figures and no verb', async () => {
  const { socket } = await knock('192.0.2.1')
  const answer = new Promise((resolve) => { socket.once('message', (data) => resolve(JSON.parse(data.toString('utf8')))) })
  socket.send(JSON.stringify({ id: 1, jsonrpc: '2.0', method: 'mutation', params: { path: 'relay.setAdvertised', input: { json: { id: 1, advertised: true } } } }))
  expect(await answer).toMatchObject({ id: 1, error: { json: { data: { code: 'NOT_FOUND' } } } })
  socket.close()
})

test('who is not signed in gets no socket, and takes no place of those who are', async () => {
  identify = async () => undefined
  for (let i = 0; i < 60; i++) expect((await knock('192.0.2.2')).outcome).toBe(401)
  identify = async () => ann
  await vi.waitFor(async () => {
    const one = await knock('192.0.2.2')
    one.socket.close()
    expect(one.outcome).toBe('open')
  })
})

test('without a database nobody is told to sign in: it is for later', async () => {
  identify = () => Promise.reject(new TowpathError({ code: 'unavailable', text: 'The database does not answer', fix: 'Try again' }))
  expect((await knock('192.0.2.3')).outcome).toBe(503)
})

test('one address holds 50 sockets, and another one still gets its own', async () => {
  const held = await Promise.all(Array.from({ length: 50 }, () => knock('192.0.2.4')))
  expect(held.every(({ outcome }) => outcome === 'open')).toBe(true)
  const [more, other] = [await knock('192.0.2.4'), await knock('192.0.2.5')]
  expect([more.outcome, other.outcome]).toEqual([429, 'open'])
  for (const { socket } of [...held, other]) socket.close()
  await vi.waitFor(async () => {
    const again = await knock('192.0.2.4')
    again.socket.close()
    expect(again.outcome).toBe('open')
  })
})

test('places are 500 in all, and counted out once', () => {
  const places = new SocketPlaces()
  const leaves = Array.from({ length: 500 }, (_, i) => places.take(`bucket ${i % 10}`))
  expect(leaves.every((leave) => leave !== undefined)).toBe(true)
  expect(places.take('another')).toBeUndefined()
  leaves[0]?.()
  leaves[0]?.()
  expect([places.take('another') === undefined, places.take('another') === undefined]).toEqual([false, true])
})
