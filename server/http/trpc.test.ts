import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { person } from '../services/testing.ts'
import type { TrpcDeps } from '../trpc/context.ts'
import { createTrpcSockets, type TrpcSockets } from './trpc.ts'

let server: Server
let sockets: TrpcSockets
let url = ''

beforeAll(async () => {
  // A stand-in that has what a socket's context reaches: a verb that ran would fail on what is not there.
  sockets = createTrpcSockets({ auth: { actorFromHeaders: async () => person('owner') }, onError: () => {} } as unknown as TrpcDeps)
  server = createServer().on('upgrade', sockets.handleUpgrade)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address()
  url = `ws://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
})
afterAll(() => {
  sockets.close()
  server.close()
})

test('a socket, which may outlive a role, serves live figures and no verb', async () => {
  const socket = new WebSocket(url)
  await new Promise((resolve) => { socket.once('open', resolve) })
  const answer = new Promise((resolve) => { socket.once('message', (data) => resolve(JSON.parse(data.toString('utf8')))) })
  socket.send(JSON.stringify({ id: 1, jsonrpc: '2.0', method: 'mutation', params: { path: 'relay.setAdvertised', input: { json: { id: 1, advertised: true } } } }))
  expect(await answer).toMatchObject({ id: 1, error: { json: { data: { code: 'NOT_FOUND' } } } })
  socket.close()
})
