import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock, Millis, RandomBytes } from '../../../lib/clock.ts'
import { TokenBucket } from '../../../lib/token-bucket.ts'
import { formatKey, shortKey, type MachineKey } from '../../../protocol/keys.ts'
import {
  acceptInitiation, encodeEarlyPayload, encodeErrorFrame, initiationBytes, initiationErrorFrame, keyBytes, type Accepted, type ServerKey,
} from '../../../protocol/noise/index.ts'
import { Connection } from './connection.ts'
import { TransportCounters, type RefusedReason, type TransportCounts } from './counts.ts'
import { Door, type Place } from './door.ts'
import { errorAnswer } from './error-answer.ts'
import type { OpenExchange } from './exchange.ts'
import { createKeyHandler, sendText, type PlainHandler } from './key-handler.ts'
import { defaultTransportLimits, type TransportLimits } from './limits.ts'
import { nodeCrypto } from './node-crypto.ts'
import type { Caller, ExchangeHandler } from './types.ts'

/** A pino logger fits. */
export interface TransportLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

export interface TransportOptions {
  /** The server's private Noise key, 32 raw bytes. It never changes: running clients hold on to its public half. */
  readonly noiseKey: Uint8Array
  readonly random: RandomBytes
  readonly clock: Clock
  readonly log: TransportLog
  /** Where a client connects from, as a trusted proxy says it. */
  readonly clientIp: (request: IncomingMessage) => string
  /** What serves a path (without its query); undefined: 404, and it is counted. */
  readonly route: (path: string, method: string) => ExchangeHandler | undefined
  readonly limits?: Partial<TransportLimits> | undefined
}

/** What stock clients connect to. */
export interface Transport {
  /** `mkey:…` */
  readonly publicKey: MachineKey
  /** `GET /key` */
  readonly keyHandler: PlainHandler
  /** `POST /ts2021` with `Upgrade`. Never throws. */
  readonly handleUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
  /** `/ts2021` without `Upgrade`: 400 and one line. */
  readonly upgradeRefused: PlainHandler
  /** Whose machine key is proven, one for each connection. */
  callers(): Caller[]
  counts(): TransportCounts
  /** Takes no more clients, has the handlers end their streams, and closes. */
  drain(): Promise<void>
  /** `drain`, and nothing is left behind. */
  dispose(): Promise<void>
}

const upgradeToken = 'tailscale-control-protocol'
const switching = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${upgradeToken}\r\nConnection: upgrade\r\n\r\n`
const refusedText = `This is where clients connect, with POST and "Upgrade: ${upgradeToken}". A proxy in front must pass this header and POST upgrades on`
/** The client writes it to its log. Nobody vouches for it, so it says nothing that could do harm. */
const otherKeyText = 'this server has another key than this client knows: restart the client if that is expected'
/** Lines about single connections; further ones are counted only. */
const logRate = { perSecond: 5, burst: 100 }

/** The 101 bytes of the handshake header; undefined: there are none. */
function initiationOf(request: IncomingMessage): Uint8Array | undefined {
  const header = request.headers['x-tailscale-handshake']
  if (typeof header !== 'string' || !/^[A-Za-z\d+/]{135}=$/.test(header)) return undefined
  const bytes = Buffer.from(header, 'base64')
  return bytes.length === initiationBytes ? bytes : undefined
}

export function createTransport(options: TransportOptions): Transport {
  const { noiseKey, random, clock, log, clientIp, route } = options
  const limits: TransportLimits = { ...defaultTransportLimits, ...options.limits }
  const serverKey: ServerKey = { privateKey: noiseKey, publicKey: nodeCrypto.publicKey(noiseKey) }
  const publicKey = formatKey('mkey', serverKey.publicKey)
  const door = new Door(limits)
  const counters = new TransportCounters()
  /** Bounded: `limits.maxConnections`. */
  const connections = new Set<Connection>()
  const mayLog = new TokenBucket(logRate, clock.now())
  let unlogged = 0
  let lastId = 0
  let isStopping = false
  let uptime: Millis = 0
  let tickedAt = clock.now()

  function note(fields: object, text: string): void {
    if (!mayLog.take(1, clock.now())) return void unlogged++
    log.info(unlogged > 0 ? { ...fields, unlogged } : fields, text)
    unlogged = 0
  }

  function refuse(socket: Duplex, ip: string, reason: RefusedReason, status: number, text: string): void {
    counters.refused[reason]++
    note({ ip, reason }, 'coordination: upgrade refused')
    socket.on('error', () => socket.destroy())
    const lines = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'connection: close', 'content-type: text/plain; charset=utf-8', `content-length: ${Buffer.byteLength(text) + 1}`,
      ...(status === 400 ? [] : ['retry-after: 5']), '', `${text}\n`,
    ]
    socket.end(lines.join('\r\n'), () => socket.destroy())
  }

  /** The upgrade is taken, and then the client is told why there is no session. */
  function refuseHandshake(socket: Duplex, ip: string, reason: RefusedReason, frame: Uint8Array): void {
    counters.refused[reason]++
    note({ ip, reason }, 'coordination: handshake refused')
    socket.on('error', () => socket.destroy())
    socket.end(Buffer.concat([Buffer.from(switching), frame]), () => socket.destroy())
  }

  async function serve(exchange: OpenExchange): Promise<void> {
    counters.requests++
    const handler = route(exchange.path, exchange.method)
    if (!handler) {
      counters.unknownPath(exchange.path)
      return exchange.answer(404, 'Nothing is served here')
    }
    try {
      await handler(exchange)
    } catch (error) {
      const told = errorAnswer(error)
      if (told.isBug && !exchange.signal.aborted) log.error({ err: error, path: exchange.path }, 'coordination: a request failed')
      exchange.answer(told.status, told.text, told.headers)
    }
    // Who was told to end and did so without an answer has nothing better to say.
    if (isStopping && exchange.signal.aborted) exchange.answer(503, 'The control plane is stopping. Try again')
  }

  function open(accepted: Accepted, ip: string, place: Place, socket: Duplex, head: Uint8Array): void {
    const caller: Caller = { machineKey: formatKey('mkey', accepted.machineKey), capVersion: accepted.version, ip, connectionId: ++lastId }
    const about = { ip, machine: shortKey(caller.machineKey), version: accepted.version, connection: caller.connectionId }
    const connection = new Connection({
      caller, socket, head, limits, clock,
      session: accepted.session,
      greeting: Buffer.concat([Buffer.from(switching), accepted.response]),
      early: encodeEarlyPayload(nodeCrypto.publicKey(random(keyBytes))),
      uptime: () => uptime,
      onRegistered: place.registered,
      onRequest: (exchange) => void serve(exchange),
      onClosed(reason, detail) {
        connections.delete(connection)
        place.leave()
        counters.closed[reason]++
        if (reason !== 'drained') note({ ...about, reason, ...(detail === '' ? {} : { detail }) }, 'coordination: connection ended')
      },
    })
    connections.add(connection)
  }

  function handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ip = clientIp(request)
    if (isStopping) return refuse(socket, ip, 'stopping', 503, 'The control plane is stopping. Try again')
    if (request.method !== 'POST' || request.headers.upgrade?.toLowerCase() !== upgradeToken) return refuse(socket, ip, 'no-upgrade', 400, refusedText)
    const initiation = initiationOf(request)
    if (!initiation) return refuse(socket, ip, 'bad-handshake', 400, 'This is no handshake of a client')
    const place = door.enter(ip, clock.now())
    if (typeof place === 'string') {
      if (place === 'full') return refuse(socket, ip, place, 503, 'All connections are taken. Try again later')
      return refuse(socket, ip, place, 429, 'Too many connections from this address. Try again later')
    }
    const accepted = acceptInitiation(initiation, serverKey, random(keyBytes), nodeCrypto)
    if (accepted.ok) return open(accepted.value, ip, place, socket, head)
    place.leave()
    const reason = accepted.reason === 'bad-size' ? 'bad-handshake' : accepted.reason
    refuseHandshake(socket, ip, reason, initiationErrorFrame(accepted.reason) ?? encodeErrorFrame(otherKeyText))
  }

  const timer = setInterval(() => {
    const now = clock.now()
    // A clock that was set, or a machine that slept, is no reason to call all clients gone.
    uptime += Math.min(Math.max(now - tickedAt, 0), 2 * limits.tickMs)
    tickedAt = now
    for (const connection of connections) connection.tick()
  }, limits.tickMs)

  async function drain(): Promise<void> {
    isStopping = true
    await Promise.all([...connections].map((connection) => connection.close('drained')))
  }

  return {
    publicKey, handleUpgrade, drain,
    keyHandler: createKeyHandler(publicKey),
    upgradeRefused: async (request, response) => {
      counters.refused['no-upgrade']++
      note({ ip: clientIp(request), reason: 'no-upgrade' }, 'coordination: upgrade refused')
      sendText(response, 400, refusedText)
    },
    callers: () => [...connections].flatMap(({ caller, isEstablished }) => (isEstablished ? [caller] : [])),
    counts: () => ({
      connections: connections.size, unregistered: door.unregistered, requests: counters.requests,
      refused: { ...counters.refused }, closed: { ...counters.closed }, unknownPaths: counters.unknownPaths,
    }),
    async dispose() {
      await drain()
      clearInterval(timer)
    },
  }
}
