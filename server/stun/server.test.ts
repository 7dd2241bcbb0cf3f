import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { decodeBindingResponse, encodeBindingRequest } from '../../protocol/stun/binding.ts'
import { encodeStun, stunType } from '../../protocol/stun/message.ts'
import { createStunServer, type StunServer } from './index.ts'
import { createSourceRate } from './source-rate.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function start(perSourcePerSecond = 50): Promise<StunServer> {
  const server = await createStunServer({ port: 0, perSourcePerSecond, clock: { now: () => 5000 } })
  cleanups.push(() => server.close())
  return server
}

async function socketOf(type: 'udp4' | 'udp6', ip: string): Promise<Socket> {
  const socket = createSocket(type)
  cleanups.push(() => socket.close())
  socket.bind(0, ip)
  await once(socket, 'listening')
  return socket
}

async function ask(server: StunServer, type: 'udp4' | 'udp6', ip: string, request: Uint8Array): Promise<void> {
  const socket = await socketOf(type, ip)
  const answer = new Promise<Uint8Array>((resolve) => socket.once('message', (bytes) => resolve(Uint8Array.from(bytes))))
  socket.send(request, server.port, ip)
  expect(decodeBindingResponse(await answer)).toMatchObject({ ok: true, value: { transactionId: new Uint8Array(12).fill(7), address: { ip, port: socket.address().port } } })
}

const transactionId = new Uint8Array(12).fill(7)

test('tells an IPv4 client its address, with or without SOFTWARE and FINGERPRINT', async () => {
  const server = await start()
  await ask(server, 'udp4', '127.0.0.1', encodeBindingRequest({ transactionId }))
  await ask(server, 'udp4', '127.0.0.1', encodeStun({ type: stunType.bindingRequest, transactionId, attributes: [] }, { fingerprint: false }))
  expect(server.stats().answered).toBe(2)
})

test('tells an IPv6 client its address', async ({ skip }) => {
  const server = await start()
  skip(!server.ipv6, 'this machine has no IPv6')
  await ask(server, 'udp6', '::1', encodeBindingRequest({ transactionId }))
  expect(server.stats().answered).toBe(1)
})

test('drops and counts what is no request, and what is too much of one source', async () => {
  const server = await start(4)
  const socket = await socketOf('udp4', '127.0.0.1')
  const broken = encodeBindingRequest({ transactionId })
  broken.set([0], broken.length - 1)
  broken.set([0], broken.length - 2)
  for (const bytes of [Uint8Array.of(1), broken, encodeStun({ type: stunType.bindingSuccess, transactionId, attributes: [] }, { fingerprint: false })]) {
    socket.send(bytes, server.port, '127.0.0.1')
  }
  for (let i = 0; i < 3; i++) socket.send(encodeBindingRequest({ transactionId }), server.port, '127.0.0.1')
  await vi.waitFor(() => expect(server.stats()).toEqual({
    answered: 1, dropped: { 'not-stun': 1, 'bad-fingerprint': 1, 'not-a-request': 1, malformed: 0, rate: 2, 'send-failed': 0 },
  }))
})

test('a port in use is one clear line', async () => {
  const server = await start()
  await expect(createStunServer({ port: server.port })).rejects.toThrow(`Port ${server.port} UDP is in use by another program: stop it, or give --stun-port another port`)
})

test('an IPv6 /64 is one source, and each second is counted anew', () => {
  const rate = createSourceRate(2)
  expect(['2001:db8::1', '2001:db8::2', '2001:db8::3', '2001:db8:0:1::1'].map((ip) => rate.take(ip, 0))).toEqual([true, true, false, true])
  expect(rate.take('2001:db8::3', 1000)).toBe(true)
})
