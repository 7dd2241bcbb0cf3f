import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock } from '../../lib/clock.ts'
import { channelPath, channelVersion, parseFromNode, type ChannelPeer, type ChannelView, type ToNode } from '../../protocol/channel/index.ts'
import { canonicalKey, formatKey } from '../../protocol/keys.ts'
import { createDerpServer, type DerpServer } from '../../server/derp/index.ts'
import { generateKeys } from '../../agent/config.ts'
import { createDgramPlane } from '../../agent/dataplane/index.ts'
import { createDerpClient } from '../../agent/derp/index.ts'
import { createEventLoop } from '../../agent/event-loop.ts'
import { createRelay, defaultLimits, type RelayConfig } from '../../agent/relay/index.ts'

/** What a test must undo, last first. */
export type Cleanups = (() => unknown)[]

/** With fractions of a millisecond. */
export const clock: Clock = { now: () => performance.timeOrigin + performance.now() }
export const random = (length: number): Uint8Array => Uint8Array.from(randomBytes(length))

const peer = (id: number, name: string, nodeKey: string, discoKey: string): ChannelPeer => ({
  id, stableId: `s${id}`, name, kind: 'simulated', nodeKey, discoKey, addresses: [], endpoints: [], homeDerp: 1, capVersion: 1, tags: [], online: true,
})

/** A control plane that takes everybody, shows everybody everybody, and remembers who has left. */
export async function startControl(derp: DerpServer, cleanups: Cleanups) {
  const nodes = new Map<WebSocket, ChannelPeer>()
  const left: string[] = []
  const relays: ChannelPeer[] = []
  let revision = 0
  let refusal: string | undefined
  let onLeave = (): void => {}
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
      if (value.type === 'leave') {
        left.push(nodes.get(socket)?.name ?? '?')
        onLeave()
      }
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
    /** Called at each, before the one that leaves is answered. */
    whenLeaving(work: () => void) { onLeave = work },
  }
}

/** A relay as the agent runs it: core, data plane, DERP client. */
export async function startRelay(derp: DerpServer, cleanups: Cleanups) {
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

/** A DERP server that lets every key in. */
export async function startDerp(cleanups: Cleanups): Promise<DerpServer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pair-'))
  cleanups.push(() => rmSync(dataFolder, { recursive: true }))
  const derp = await createDerpServer({ dataFolder, port: 0, bind: '127.0.0.1', hosts: ['127.0.0.1'], mayConnect: (key) => canonicalKey('nodekey', key).ok })
  cleanups.push(() => derp.close())
  return derp
}
