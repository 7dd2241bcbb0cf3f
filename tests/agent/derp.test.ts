import { randomBytes } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { generateKeys } from '../../agent/config.ts'
import { createDerpClient } from '../../agent/derp/index.ts'
import { systemClock } from '../../lib/clock.ts'
import { canonicalKey, formatKey, type NodeKey } from '../../protocol/keys.ts'
import { createDerpServer } from '../../server/derp/index.ts'
import { createStunServer } from '../../server/stun/index.ts'
import { endpointOf, type TestClient } from '../simulation/client.ts'
import { startFakeControl } from './fake-control.ts'
import { AgentRig, freeUdpPort, relayView, testClients, UdpClient } from './rig.ts'

const rig = new AgentRig()
const cleanups: (() => unknown)[] = []

beforeAll(() => rig.build())
afterEach(async () => {
  await rig.stop()
  for (const clean of cleanups.splice(0).reverse()) await clean()
})
afterAll(() => rig.close())

test('clients allocate over DERP, at an address that the relay found, and their traffic passes', async () => {
  const data = rig.data('data')
  const port = await freeUdpPort()
  const keys = generateKeys()
  const nodeKey = formatKey('nodekey', keys.node.public)
  const [first, b] = testClients(2)
  if (!first || !b) throw new Error('no clients')
  const a: TestClient = { ...first, nodeKey, node: { ...first.node, nodeKey } }
  const view = relayView(data, port, [a, b])
  const known = new Set<string>([nodeKey, view.self.nodeKey])
  const server = await createDerpServer({
    dataFolder: rig.data('control'), port: 0, bind: '127.0.0.1', hosts: ['127.0.0.1'], mayConnect: (key) => known.has(key),
  })
  cleanups.push(() => server.close())
  const stun = await createStunServer({ port: 0 })
  cleanups.push(() => stun.close())
  const region = { id: 7, code: 'home', name: 'Home', host: '127.0.0.1', derpPort: server.port, stunPort: stun.port, pins: [...server.pins] }
  const control = await startFakeControl()
  cleanups.push(() => control.close())
  control.setView(1, { ...view, derp: [region] })
  const agent = rig.start('--data', data, '--server', control.url, '--metrics-port', '19411')
  await expect.poll(() => [control.relay?.state, control.homeDerp], { timeout: 8000 }).toEqual(['relaying', 7])

  const packets: { readonly from: NodeKey; readonly bytes: Uint8Array }[] = []
  const derp = createDerpClient({
    region, keys, clock: systemClock, random: (length) => Uint8Array.from(randomBytes(length)), onPacket: (from, bytes) => packets.push({ from, bytes }),
  })
  cleanups.push(() => derp.close())
  await expect.poll(() => derp.connected, { timeout: 8000 }).toBe(true)
  const relay = canonicalKey('nodekey', view.self.nodeKey)
  if (!relay.ok) throw new Error(relay.reason)
  derp.send(relay.value, a.request(view.self.discoKey, b))
  await expect.poll(() => packets.length, { timeout: 8000 }).toBe(1)
  const endpoint = endpointOf(a, packets[0]?.bytes ?? new Uint8Array())
  if (!endpoint.ok) throw new Error(`${endpoint.reason}: ${agent.output()}`)
  expect(packets[0]?.from).toBe(view.self.nodeKey)
  expect(endpoint.value.addrPorts.map((at) => at.port)).toContain(port)

  const sockets = [await UdpClient.open(port), await UdpClient.open(port)] as const
  cleanups.push(() => sockets.forEach((socket) => socket.close()))
  const pair = { a, b, endpoint: endpoint.value }
  await sockets[0].bind(pair, a, b)
  await sockets[1].bind(pair, b, a)
  await sockets[0].exchange(pair, sockets[1], new Uint8Array(200))
  await sockets[1].exchange(pair, sockets[0], new Uint8Array(200))
  await expect.poll(() => stun.stats().answered, { timeout: 8000 }).toBeGreaterThan(0)
})
