import type { Millis, RandomBytes } from '../../lib/clock.ts'
import { TokenBucket } from '../../lib/token-bucket.ts'
import { createFrameParser, frameHeaderBytes, type FrameParser } from '../../protocol/derp/frame.ts'
import { openClientInfo, sealServerInfo } from '../../protocol/derp/info.ts'
import { decodeDerp, encodeDerp, peerGoneReason, type DerpMessage } from '../../protocol/derp/message.ts'
import { formatKey, keyBytes, type NodeKey } from '../../protocol/keys.ts'
import { beforeBox, boxNonceBytes, boxPublicKey } from '../../protocol/nacl-box.ts'
import type { DerpLimits } from './limits.ts'
import { createSendQueue, type SendQueue } from './send-queue.ts'
import type { CloseReason, ConnectionId, DerpCommand, DerpHub, DropReason } from './types.ts'

/** Stock clients give a connection up after 120 s without a frame (spec section 5). */
const keepAliveMs = 60_000
const keepAliveJitterMs = 5_000
const handshakeMs = 10_000
/** A connection that takes nothing for this long while something waits has no reader. */
const stalledMs = 15_000
/** PeerGone answers to packets for nobody: told often enough, and no way to have us write more than is sent. */
const notHerePerSecond = 10
const duplicateText = 'duplicate connection: another client is connected with the same node key'

interface Connection {
  readonly id: ConnectionId
  readonly since: Millis
  readonly parser: FrameParser
  readonly queue: SendQueue
  readonly rate: TokenBucket
  readonly notHere: TokenBucket
  nodeKey?: NodeKey
  rawKey?: Uint8Array
  /** Of `rawKey` and the server's key. */
  shared?: Uint8Array
  keepAliveAt: Millis
  /** When the edge last took a frame, or the queue was last empty. */
  movedAt: Millis
  announced: boolean
}

export interface DerpHubOptions {
  /** The server's own key, 32 raw bytes. */
  readonly privateKey: Uint8Array
  /** Asked once per connection, before any of its frames is worked on. */
  readonly mayConnect: (nodeKey: NodeKey) => boolean
  readonly limits: DerpLimits
  readonly random: RandomBytes
  /** Hears of each packet that was put into its receiver's queue. */
  readonly onPacket?: ((from: NodeKey, to: NodeKey, packet: Uint8Array) => void) | undefined
}

/** See `DerpHub`. */
export function createDerpHub({ privateKey, mayConnect, limits: firstLimits, random, onPacket }: DerpHubOptions): DerpHub {
  let limits = firstLimits
  const publicKey = boxPublicKey(privateKey)
  /** Bounded: `limits.maxConnections`. */
  const connections = new Map<ConnectionId, Connection>()
  /** Bounded: one per connected client, each of at most `limits.maxPerKey`; the last is the newest, and written to. */
  const clients = new Map<NodeKey, Connection[]>()
  /** Who is to hear when a client leaves. Bounded: pairs of connected clients; a key goes when its client does. */
  const talked = new Map<NodeKey, Set<NodeKey>>()
  /** Bounded: one `writable` and one `close` per connection; the edge empties it after each call. */
  const commands: DerpCommand[] = []
  const dropped: Record<DropReason, number> = { rate: 0, 'queue-full': 0, 'not-here': 0 }
  const closedBy: Record<CloseReason, number> = {
    full: 0, 'no-client-info': 0, 'bad-frame': 0, 'bad-client-info': 0, 'not-permitted': 0, 'too-many-with-key': 0, stalled: 0, disconnected: 0,
  }
  let packets = 0
  let bytes = 0
  /** The time last told. */
  let now: Millis = 0

  function announce(connection: Connection): void {
    if (connection.announced) return
    connection.announced = true
    commands.push({ kind: 'writable', connection: connection.id })
  }

  function end(connection: Connection, reason: CloseReason): void {
    const { id, nodeKey } = connection
    if (connections.get(id) !== connection) return
    closedBy[reason]++
    commands.push(nodeKey ? { kind: 'close', connection: id, reason, nodeKey } : { kind: 'close', connection: id, reason })
    forget(connection)
  }

  function tell(connection: Connection, message: DerpMessage): void {
    if (connection.queue.empty) connection.movedAt = now
    if (connection.queue.pushControl(encodeDerp(message))) announce(connection)
    else end(connection, 'stalled')
  }

  function newest(nodeKey: NodeKey): Connection | undefined {
    return clients.get(nodeKey)?.at(-1)
  }

  function forget(connection: Connection): void {
    connections.delete(connection.id)
    const { nodeKey, rawKey } = connection
    if (!nodeKey || !rawKey) return
    const rest = (clients.get(nodeKey) ?? []).filter((other) => other !== connection)
    if (rest.length > 0) {
      clients.set(nodeKey, rest)
      const [only] = rest
      if (rest.length === 1 && only) tell(only, { kind: 'health', text: '' })
      return
    }
    clients.delete(nodeKey)
    const others = talked.get(nodeKey) ?? []
    talked.delete(nodeKey)
    for (const other of others) {
      talked.get(other)?.delete(nodeKey)
      const target = newest(other)
      if (target) tell(target, { kind: 'peer-gone', peer: rawKey, reason: peerGoneReason.disconnected })
    }
  }

  function remember(a: NodeKey, b: NodeKey): void {
    const known = talked.get(a)
    if (known) known.add(b)
    else talked.set(a, new Set([b]))
  }

  function welcome(connection: Connection, info: DerpMessage & { kind: 'client-info' }): void {
    const nodeKey = formatKey('nodekey', info.clientKey)
    // First who, then the key exchange: strangers cost us no cryptography.
    if (!mayConnect(nodeKey)) return end(connection, 'not-permitted')
    const shared = beforeBox(privateKey, info.clientKey)
    if (!shared.ok || !openClientInfo(shared.value, info).ok) return end(connection, 'bad-client-info')
    connection.nodeKey = nodeKey
    connection.rawKey = Uint8Array.from(info.clientKey)
    connection.shared = shared.value
    const same = [...(clients.get(nodeKey) ?? []), connection]
    clients.set(nodeKey, same)
    tell(connection, { kind: 'server-info', ...sealServerInfo(shared.value, random(boxNonceBytes), limits) })
    const [oldest] = same
    if (same.length > limits.maxPerKey && oldest) end(oldest, 'too-many-with-key')
    const left = clients.get(nodeKey) ?? []
    if (left.length > 1) for (const each of left) tell(each, { kind: 'health', text: duplicateText })
  }

  function forward(from: Connection, source: Uint8Array, sourceKey: NodeKey, message: DerpMessage & { kind: 'send-packet' }): void {
    const { destination, packet } = message
    if (!from.rate.take(frameHeaderBytes + keyBytes + packet.length, now)) return void dropped.rate++
    const destinationKey = formatKey('nodekey', destination)
    const target = newest(destinationKey)
    if (!target) {
      dropped['not-here']++
      if (from.notHere.take(1, now)) tell(from, { kind: 'peer-gone', peer: destination, reason: peerGoneReason.notHere })
      return
    }
    if (sourceKey !== destinationKey) {
      remember(sourceKey, destinationKey)
      remember(destinationKey, sourceKey)
    }
    if (target.queue.empty) target.movedAt = now
    dropped['queue-full'] += target.queue.pushPacket(encodeDerp({ kind: 'recv-packet', source, packet }))
    packets++
    bytes += packet.length
    onPacket?.(sourceKey, destinationKey, packet)
    announce(target)
  }

  function take(connection: Connection, message: DerpMessage): void {
    const { nodeKey, rawKey } = connection
    if (!nodeKey || !rawKey) {
      if (message.kind === 'client-info') welcome(connection, message)
      else end(connection, 'bad-frame')
      return
    }
    switch (message.kind) {
      case 'send-packet':
        return forward(connection, rawKey, nodeKey, message)
      case 'ping':
        return tell(connection, { kind: 'pong', data: message.data })
      case 'note-preferred':
      case 'pong':
      case 'keep-alive':
        return
      // What only a server or a mesh peer may say: we have no mesh.
      default:
        return end(connection, 'bad-frame')
    }
  }

  function nextKeepAlive(): Millis {
    return now + keepAliveMs - keepAliveJitterMs + ((random(1)[0] ?? 0) / 255) * 2 * keepAliveJitterMs
  }

  return {
    publicKey,
    connect(id, at) {
      now = at
      const connection: Connection = {
        id,
        since: now,
        parser: createFrameParser(),
        queue: createSendQueue(limits.queueBytes),
        rate: new TokenBucket({ perSecond: limits.bytesPerSecond, burst: limits.burstBytes }, now),
        notHere: new TokenBucket({ perSecond: notHerePerSecond, burst: 2 * notHerePerSecond }, now),
        keepAliveAt: nextKeepAlive(),
        movedAt: now,
        announced: false,
      }
      const full = connections.size >= limits.maxConnections
      connections.set(id, connection)
      if (full) end(connection, 'full')
      else tell(connection, { kind: 'server-key', serverKey: publicKey })
    },
    receive(id, chunk, at) {
      now = at
      const connection = connections.get(id)
      if (!connection) return
      const frames = connection.parser.push(chunk)
      if (!frames.ok) return end(connection, 'bad-frame')
      for (const frame of frames.value) {
        if (connections.get(id) !== connection) return
        const message = decodeDerp(frame)
        if (message.ok) take(connection, message.value)
        else if (message.reason !== 'unknown-type') end(connection, 'bad-frame')
      }
    },
    closed(id) {
      const connection = connections.get(id)
      if (connection) forget(connection)
    },
    handleTimeout(at) {
      now = at
      for (const connection of connections.values()) {
        if (!connection.nodeKey && now - connection.since >= handshakeMs) end(connection, 'no-client-info')
        else if (!connection.queue.empty && now - connection.movedAt >= stalledMs) end(connection, 'stalled')
        else if (connection.nodeKey && now >= connection.keepAliveAt) {
          connection.keepAliveAt = nextKeepAlive()
          tell(connection, { kind: 'keep-alive' })
        }
      }
    },
    next(id, at) {
      now = at
      const connection = connections.get(id)
      const frame = connection?.queue.next()
      if (!connection) return undefined
      connection.announced = frame !== undefined
      connection.movedAt = now
      return frame
    },
    nextCommand: () => commands.shift(),
    disconnect(nodeKey) {
      for (const connection of [...(clients.get(nodeKey) ?? [])]) end(connection, 'disconnected')
    },
    recheck() {
      for (const [nodeKey, theirs] of clients) {
        if (!mayConnect(nodeKey)) for (const connection of [...theirs]) end(connection, 'disconnected')
      }
    },
    announceRestart(reconnectInMs, tryForMs) {
      for (const connection of connections.values()) {
        tell(connection, { kind: 'restarting', reconnectInMs, tryForMs })
      }
    },
    setLimits(wanted, at) {
      now = at
      limits = wanted
      for (const connection of connections.values()) {
        connection.rate.setRate({ perSecond: wanted.bytesPerSecond, burst: wanted.burstBytes })
        connection.queue.setLimit(wanted.queueBytes)
        // Stock clients take a later ServerInfo as they take the first: they keep to the new rate at once.
        if (connection.shared) tell(connection, { kind: 'server-info', ...sealServerInfo(connection.shared, random(boxNonceBytes), wanted) })
      }
    },
    stats: () => ({ connections: connections.size, clients: clients.size, packets, bytes, dropped: { ...dropped }, closed: { ...closedBy } }),
  }
}
