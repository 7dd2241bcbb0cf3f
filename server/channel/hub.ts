import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer, type WebSocket } from 'ws'
import type { Clock, RandomBytes } from '../../lib/clock.ts'
import { channelPath, channelSubprotocol, closeCodes, maxFrameBytes } from '../../protocol/channel/index.ts'
import type { Bus } from '../bus/index.ts'
import { defaultDoorLimits, Door, type DoorCounts, type DoorLimits } from './admission.ts'
import { Connection, type Work } from './connection.ts'
import { refusalOf } from './refusal.ts'
import type { ChannelLog, ChannelMetrics, ChannelServices } from './types.ts'
import { verifyMachineKey } from './verify.ts'
import { ViewPusher } from './views.ts'

/** Agents answer within a round trip; a way that died shows only in silence. */
const pingEverySeconds = 5
const silenceMs = 20_000
/** Hello and proof are two kilobytes. */
const strangerBytes = 64 << 10
const maxRevision = 0x3fff_ffff
/** How long connections have to close at the end. */
const farewellMs = 1000

export interface ChannelHubOptions {
  readonly services: ChannelServices
  readonly metrics: ChannelMetrics
  readonly bus: Bus
  readonly clock: Clock
  readonly random: RandomBytes
  readonly log: ChannelLog
  readonly limits?: Partial<DoorLimits>
  /** Whose connection this is; by default the socket's other end. */
  readonly clientIp?: (request: IncomingMessage) => string
}

export interface ChannelCounts extends DoorCounts {
  readonly connections: number
  readonly nodes: number
  readonly unproven: number
}

export interface ChannelHub {
  /** For upgrades on `channelPath`; answers every other one with 404. Never throws. */
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  isOnline(nodeId: number): boolean
  counts(): ChannelCounts
  /** Closes every channel (`shuttingDown`) and saves what was sent. */
  dispose(): Promise<void>
}

export function createChannelHub(options: ChannelHubOptions): ChannelHub {
  const { services, metrics, bus, clock, random, log } = options
  const door = new Door({ ...defaultDoorLimits, ...options.limits })
  const server = new WebSocketServer({ noServer: true, maxPayload: maxFrameBytes, perMessageDeflate: false, handleProtocols: () => channelSubprotocol })
  /** Bounded: the door's `maxConnections`. */
  const connections = new Set<Connection>()
  /** Proven and admitted, the newest of each node. Bounded: one per node of the network. */
  const nodes = new Map<number, Connection>()
  const views = new ViewPusher({ services, log, connection: (nodeId) => nodes.get(nodeId) })

  function turnAway(socket: Duplex, status: string, text: string): void {
    socket.on('error', () => socket.destroy())
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)
  }

  /** A frame may be 16 MiB, and strangers together could fill the memory with halves of such. Returns the way to lift it. */
  function limitStranger(raw: Duplex, socket: WebSocket, ip: string): () => void {
    let bytes = 0
    const count = (chunk: Buffer): void => {
      bytes += chunk.length
      if (bytes <= strangerBytes) return
      log.warn({ ip }, `channel: more than ${strangerBytes} bytes without a proof`)
      raw.off('data', count)
      socket.terminate()
    }
    raw.on('data', count)
    return () => raw.off('data', count)
  }

  function accept(socket: WebSocket, raw: Duplex, ip: string): void {
    let isProven = false
    const lift = limitStranger(raw, socket, ip)
    const connection = new Connection(socket, {
      ip, clock, random, log, verify: verifyMachineKey,
      work: async (work) => {
        if (work.type === 'admit') {
          // The socket may have ended first; the door has counted it out then.
          if (!connections.has(connection)) return
          isProven = true
          door.proven(ip)
        }
        await handle(connection, work)
      },
      onClosed() {
        connections.delete(connection)
        door.left(ip, isProven)
        gone(connection)
      },
      onAdmitted: lift,
      onRefused: (code) => door.refused(ip, code, clock.now()),
    })
    connections.add(connection)
  }

  /** Once for each node that was connected, and not for a connection that a newer one replaced. */
  function gone(connection: Connection): void {
    const nodeId = connection.admission?.id
    if (nodeId === undefined || nodes.get(nodeId) !== connection) return
    nodes.delete(nodeId)
    views.disconnected(nodeId)
    log.info(connection.about, 'channel: node disconnected')
    bus.publish('node.presence', { nodeId, online: false })
  }

  async function handle(connection: Connection, work: Work): Promise<void> {
    if (work.type === 'admit') return admit(connection, work)
    const nodeId = connection.admission?.id
    if (nodeId === undefined) return
    // What a replaced connection still holds is older than what the newer one sends; reports are counted once anyway.
    const newest = nodes.get(nodeId) ?? connection
    if (work.type !== 'report' && newest !== connection) return
    switch (work.type) {
      case 'applied':
        // Only what it was sent.
        if (work.revision <= connection.nodeRevision) await services.applied(nodeId, work.revision)
        return
      case 'status':
        await services.status(nodeId, work.status)
        return
      case 'leave':
        await services.leave(nodeId)
        return
      case 'report': {
        const { report, skewMs } = work
        await metrics.ingest(nodeId, report, { arrivedAt: clock.now(), skewMs })
        connection.send({ type: 'ack', boot: report.boot, sequence: report.sequence })
      }
    }
  }

  async function admit(connection: Connection, { machineKey, prove }: Extract<Work, { type: 'admit' }>): Promise<void> {
    let admission
    try {
      admission = await services.admit({ machineKey, prove, ip: connection.ip })
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal.isBug) log.error({ ...connection.about, err: error }, 'channel: admission failed')
      else log.info({ ...connection.about, host: prove.host.hostname }, `channel: refused: ${refusal.text}`)
      return connection.refuse(refusal)
    }
    connection.admitted(admission)
    // It may have gone while the verb ran.
    if (!connection.isOpen) return
    const { id } = admission
    const older = nodes.get(id)
    nodes.set(id, connection)
    older?.close(closeCodes.replaced, 'replaced by a newer connection with the same machine key')
    // A number that no network reaches says nothing of what the node has.
    connection.nodeRevision = prove.revision <= maxRevision ? prove.revision : 0
    log.info(connection.about, 'channel: node connected')
    watch(connection, id)
    bus.publish('node.presence', { nodeId: id, online: true })
    views.connected(id, admission.viewRevision, admission.viewDigest)
    // It may have applied its view just when the last connection broke.
    if (connection.nodeRevision > 0 && connection.nodeRevision === admission.viewRevision) await services.applied(id, admission.viewRevision)
  }

  function watch(connection: Connection, nodeId: number): void {
    const on = metrics.watched(nodeId)
    if (connection.isWatched === on) return
    connection.isWatched = on
    connection.send({ type: 'watch', on })
  }

  const stops = [
    bus.subscribe('views.changed', ({ nodeIds, cause, revokes }) => views.changed(nodeIds, cause, revokes)),
    bus.subscribe('node.removed', ({ nodeId, cause }) => {
      views.removed(nodeId)
      nodes.get(nodeId)?.refuse({ code: 'removed', text: `This machine was removed from the network: ${cause}`, fix: 'Join again with a new auth key' })
    }),
    metrics.onWatch(() => {
      for (const [nodeId, connection] of nodes) watch(connection, nodeId)
    }),
  ]

  let seconds = 0
  const timer = setInterval(() => {
    seconds++
    for (const connection of connections) {
      connection.tick(silenceMs)
      if (seconds % pingEverySeconds === 0) connection.ping()
    }
    door.forget(clock.now())
  }, 1000)
  let isDisposed = false

  return {
    handleUpgrade(request, socket, head) {
      if (request.url?.split('?')[0] !== channelPath) return turnAway(socket, '404 Not Found', 'The channel is not here\n')
      if (isDisposed) return turnAway(socket, '503 Service Unavailable', 'The control plane is stopping\n')
      const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim())
      if (!offered.includes(channelSubprotocol)) return turnAway(socket, '400 Bad Request', `Agents speak the subprotocol ${channelSubprotocol}\n`)
      const ip = options.clientIp?.(request) ?? request.socket.remoteAddress ?? 'unknown'
      const turnedAway = door.enter(ip, clock.now())
      if (turnedAway !== undefined) {
        log.warn({ ip }, `channel: connection turned away: ${turnedAway}`)
        return turnAway(socket, '429 Too Many Requests', `Turned away: ${turnedAway}\n`)
      }
      let isAccepted = false
      // `ws` answers a malformed handshake itself and ends the socket.
      const abandoned = (): void => {
        if (!isAccepted) door.left(ip, false)
      }
      socket.once('close', abandoned)
      server.handleUpgrade(request, socket, head, (webSocket) => {
        isAccepted = true
        socket.off('close', abandoned)
        accept(webSocket, socket, ip)
      })
    },
    isOnline: (nodeId) => nodes.has(nodeId),
    counts: () => ({ connections: door.connections, nodes: nodes.size, unproven: door.unproven, ...door.counts }),
    async dispose() {
      isDisposed = true
      clearInterval(timer)
      for (const stop of stops) stop()
      await views.dispose()
      // Nobody is told that nodes went: they did not, we do.
      nodes.clear()
      for (const connection of connections) connection.close(closeCodes.shuttingDown, 'the control plane is stopping')
      const until = performance.now() + farewellMs
      while (connections.size > 0 && performance.now() < until) await new Promise((resolve) => { setTimeout(resolve, 10) })
      for (const connection of connections) connection.terminate()
      server.close()
    },
  }
}
