import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../../lib/clock.ts'
import { channelPath, channelVersion, parseFromNode, type ChannelPeer, type ChannelView, type ToNode } from '../../protocol/channel/index.ts'
import { canonicalKey, formatKey } from '../../protocol/keys.ts'
import { createDerpServer, type DerpServer } from '../../server/derp/index.ts'
import { generateKeys } from '../config.ts'
import { createDgramPlane } from '../dataplane/index.ts'
import { createDerpClient } from '../derp/index.ts'
import { createEventLoop } from '../event-loop.ts'
import { createRelay, defaultLimits, type RelayConfig } from '../relay/index.ts'
import { createProbePair, type ProbePair } from './index.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const clock: Clock = { now: () => performance.timeOrigin + performance.now() }
const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length))

const peer = (id: number, name: string, nodeKey: string, discoKey: string): ChannelPeer => ({
  id, stableId: `s${id}`, name, kind: 'simulated', nodeKey, discoKey, addresses: [], endpoints: [], homeDerp: 1, capVersion: 1, tags: [], online: true,
})

/** A control plane that takes everybody, shows everybody everybody, and remembers who has left. */
async function startControl(derp: DerpServer) {
  const nodes = new Map<WebSocket, ChannelPeer>()
  const left: string[] = []
  const relays: ChannelPeer[] = []
  let revision = 0
  let refusal: string | undefined
  const http = createServer()
  const sockets = new WebSocketServer({ server: http, path: channelPath })
  const say = (socket: WebSocket, message: ToNode): void => socket.send(JSON.stringify(message))
  const region = { id: 1, code: 'home', name: 'Home', host: '127.0.0.1', derpPort: derp.port, stunPort: 0, pins: [...derp.pins] }

  function push(): void {
    revision++
    for (const [socket, self] of nodes) {
      const view: ChannelView = {
        self, peers: [...nodes.values(), ...relays].filter(({ id }) => id !== self.id), relays: relays.map(({ id }) => id), serves: [], sessionPeers: [], derp: [region],
      }
      say(socket, { type: 'view', revision, cause: 'test', view })
    }
  }

  sockets.on('connection', (socket) => {
    socket.on('message', (data) => {
      const message = parseFromNode(String(data))
      if (!message.ok) throw new Error(message.detail)
      const { value } = message
      if (value.type === 'hello') say(socket, { type: 'challenge', version: channelVersion, nonce: 'n', now: Date.now() })
      if (value.type === 'leave') left.push(nodes.get(socket)?.name ?? '?')
      if (value.type !== 'prove') return
      if (refusal !== undefined) return say(socket, { type: 'refused', code: 'unauthenticated', text: refusal, fix: 'Make another.' })
      const name = value.name ?? '?'
      nodes.set(socket, peer(nodes.size + 1, name, value.nodeKey, value.discoKey))
      say(socket, { type: 'welcome', id: nodes.size, stableId: `s${nodes.size}`, name, addresses: [] })
      push()
    })
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => new Promise((resolve) => {
    for (const socket of sockets.clients) socket.terminate()
    http.close(resolve)
  }))
  const address = http.address()
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    nodes: () => [...nodes.values()],
    left,
    offer(wanted: readonly ChannelPeer[]) {
      relays.splice(0, relays.length, ...wanted)
      push()
    },
    refuse(text: string) { refusal = text },
  }
}

/** A relay as the agent runs it: core, data plane, DERP client. */
async function startRelay(derp: DerpServer) {
  const keys = generateKeys()
  const plane = createDgramPlane((from, bytes) => loop.datagram(from, bytes))
  const base: RelayConfig = { enabled: false, nodes: [], mayAllocate: [], addresses: [], limits: defaultLimits }
  const relay = createRelay({ randomBytes: random, config: base, now: clock.now() })
  const ended: string[] = []
  const client = createDerpClient({
    region: { id: 1, code: 'home', name: 'Home', host: '127.0.0.1', derpPort: derp.port, stunPort: 0, pins: [...derp.pins] },
    keys, clock, random, onPacket: (from, bytes) => loop.derpPacket(from, bytes),
  })
  const loop = createEventLoop({
    relay, plane, clock,
    sendDerp: (to, bytes) => client.send(to, bytes),
    onStun: () => {}, onOpened: () => {}, onEnded: (_session, reason) => ended.push(reason),
    save: () => {}, onSaveError: (error) => { throw error }, onTick: () => {},
  })
  const bound = await plane.start(0)
  if (bound.state !== 'bound') throw new Error(bound.state)
  loop.start()
  cleanups.push(async () => {
    loop.close()
    await client.close()
    await plane.close()
  })
  return {
    relay,
    ended,
    node: { ...peer(100, 'relay', formatKey('nodekey', keys.node.public), relay.nodeDiscoKey), kind: 'agent' as const },
    turn(on: boolean, nodes: readonly ChannelPeer[]) {
      loop.reconfigure({ ...base, enabled: on, nodes, mayAllocate: nodes.map(({ id }) => id), addresses: [{ ip: '127.0.0.1', port: bound.port }] }, on ? 'turned on' : 'turned off')
    },
  }
}

async function startDerp(): Promise<DerpServer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pair-'))
  cleanups.push(() => rmSync(dataFolder, { recursive: true }))
  const derp = await createDerpServer({ dataFolder, port: 0, bind: '127.0.0.1', hosts: ['127.0.0.1'], mayConnect: (key) => canonicalKey('nodekey', key).ok })
  cleanups.push(() => derp.close())
  return derp
}

function createPair(server: string, onRefused: (text: string) => void = () => {}): ProbePair {
  const pair = createProbePair({
    server, authKey: 'k', names: ['sim-a1', 'sim-b1'], keys: [generateKeys(), generateKeys()], bitsPerSecond: 2_000_000, size: 1280, direct: false,
    clock, random, onRefused, onLog: () => {},
  })
  cleanups.push(() => pair.stop())
  return pair
}

const until = (check: () => void, timeout = 10_000): Promise<void> => vi.waitFor(check, { timeout, interval: 50 })

test('DERP, then the relay; the relay turned off: both on DERP, nothing lost, and gone at the end', async () => {
  const derp = await startDerp()
  const control = await startControl(derp)
  const relay = await startRelay(derp)
  const pair = createPair(control.url)
  await pair.start()
  const kinds = (): string[] => pair.stats().map(({ path }) => path.kind)
  await until(() => expect(pair.stats().map(({ traffic }) => traffic.received > 50)).toEqual([true, true]))
  expect(kinds()).toEqual(['derp', 'derp'])
  expect(derp.readPairs()).toHaveLength(2)
  relay.turn(true, control.nodes())
  control.offer([relay.node])
  await until(() => expect(kinds()).toEqual(['relay', 'relay']))
  expect(pair.stats()[0].path).toMatchObject({ relay: { name: 'relay', vni: 1 } })
  await until(() => expect(pair.stats()[0].traffic.rttMs).toBeLessThan(1000))
  control.offer([])
  relay.turn(false, control.nodes())
  await until(() => expect(kinds()).toEqual(['derp', 'derp']))
  await until(() => expect(relay.ended).toEqual(['turned off']), 15_000)
  await pair.stop()
  const [a, b] = pair.stats()
  expect([a.traffic.sent - b.traffic.received, b.traffic.sent - a.traffic.received]).toEqual([0, 0])
  expect(a.traffic.sent).toBeGreaterThan(1000)
  expect([a, b].map(({ lost, spans }) => [lost, spans.map(({ path }) => path.kind)])).toEqual([[0, ['derp', 'relay', 'derp']], [0, ['derp', 'relay', 'derp']]])
  await until(() => expect(control.left.toSorted()).toEqual(['sim-a1', 'sim-b1']))
}, 40_000)

test('a refusal is told in one line', async () => {
  const derp = await startDerp()
  const control = await startControl(derp)
  control.refuse('The auth key has expired.')
  const refusals: string[] = []
  const pair = createPair(control.url, (text) => refusals.push(text))
  await pair.start()
  await until(() => expect(refusals).toContain('The auth key has expired. Make another.'))
})
