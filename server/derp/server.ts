import { randomBytes } from 'node:crypto'
import { createServer } from 'node:https'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { createWebSocketStream, WebSocketServer } from 'ws'
import { systemClock, type Clock, type Millis, type RandomBytes } from '../../lib/clock.ts'
import { maxBodyBytes } from '../../protocol/derp/frame.ts'
import type { NodeKey } from '../../protocol/keys.ts'
import { listenAt } from '../listening.ts'
import { openCertificateFiles, openOwnCertificates, type CertificateFiles } from './certificate-store.ts'
import { createConnections } from './connection.ts'
import { answerRequest, upgradeOf, upgradeRefusal, upgradeReply } from './http.ts'
import { createDerpHub } from './hub.ts'
import { defaultDerpLimits, type DerpLimits } from './limits.ts'
import { makeMetaCertificate } from './meta-certificate.ts'
import { createPairCounters, type PairTraffic } from './pairs.ts'
import { openServerKey } from './server-key.ts'
import type { CloseReason, DerpStats } from './types.ts'

const hubTickMs = 1000
const certificateCheckMs = 60_000
/** TLS and HTTP before the upgrade: who takes longer is not a client. */
const handshakeMs = 10_000
/** Connections that are not past their upgrade yet, beyond those that the hub may hold. */
const spareConnections = 256
const closeWithinMs = 1000
const reconnectInMs = 1000
const tryForMs = 60_000
const fullLogMs = 60_000

export interface DerpServerOptions {
  /** The control plane's data folder; keys and certificate go to `derp/` in it. */
  readonly dataFolder: string
  /** TCP; 0: the system chooses. */
  readonly port: number
  /** Address to listen on; absent: all, both families. */
  readonly bind?: string | undefined
  /** Names and addresses by which clients reach the server: what its own certificate is good for. */
  readonly hosts: readonly string[]
  /** The operator's certificate; absent: an own one is made. */
  readonly files?: CertificateFiles | undefined
  /** Whether a key is a node of the network, valid now. */
  readonly mayConnect: (nodeKey: NodeKey) => boolean
  readonly limits?: DerpLimits | undefined
  /** Nodes are to be told: the pins that they accept are others now. Called before a new certificate is served for the first time. */
  readonly onPins?: ((pins: readonly string[]) => void) | undefined
  readonly onLog?: ((text: string) => void) | undefined
  /** For tests; absent: the system's, and for connections one that no setting of the clock moves. */
  readonly clock?: Clock | undefined
  readonly random?: RandomBytes | undefined
  /** How often the certificate's age, or the operator's files, are looked at; ms. */
  readonly certificateCheckMs?: number | undefined
}

export interface DerpServerStats extends DerpStats {
  /** Connections that ended in TLS or HTTP, before they were any client's. */
  readonly failedHandshakes: number
}

export interface DerpServer {
  readonly port: number
  readonly publicKey: Uint8Array
  /** `sha256-raw:…`, the served one first; empty: verified by the system's authorities. */
  readonly pins: readonly string[]
  readonly certificate: { readonly own: boolean; readonly notAfter: Millis }
  stats(): DerpServerStats
  /** Data packets per pair and direction since the last call. */
  readPairs(): PairTraffic[]
  /** Ends a node's connections at once: it was removed, or has expired. */
  disconnect(nodeKey: NodeKey): void
  /** Who may connect is decided anew: those who may not any more are out. */
  recheck(): void
  setLimits(limits: DerpLimits): void
  /** Looks after the certificate now instead of at the next turn. */
  refreshCertificate(): Promise<void>
  close(): Promise<void>
}

/** The DERP server on its TLS port. Throws a `StartError` when the port or the certificate cannot be had. */
export async function createDerpServer(options: DerpServerOptions): Promise<DerpServer> {
  const clock = options.clock ?? { now: () => performance.timeOrigin + performance.now() }
  const { random = randomBytes, onLog = () => {}, onPins = () => {} } = options
  const folder = join(options.dataFolder, 'derp')
  const certificates = options.files
    ? openCertificateFiles(options.files, options.hosts[0] ?? '', onLog)
    : await openOwnCertificates(folder, options.hosts, options.clock ?? systemClock, random)
  let limits = options.limits ?? defaultDerpLimits
  const pairs = createPairCounters()
  const hub = createDerpHub({ privateKey: openServerKey(folder, random), mayConnect: options.mayConnect, limits, random, onPacket: pairs.count })
  const connections = createConnections(hub, clock, createCloseLog(clock, onLog))
  const meta = await makeMetaCertificate(hub.publicKey, clock.now())
  const presented = () => ({ key: certificates.served.key, cert: `${certificates.served.cert.trimEnd()}\n${meta}` })
  let failedHandshakes = 0

  const server = createServer({
    ...presented(),
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: handshakeMs,
    headersTimeout: handshakeMs,
    requestTimeout: handshakeMs,
    keepAliveTimeout: 5000,
    connectionsCheckingInterval: 5000,
    maxHeaderSize: 8192,
  }, answerRequest)
  server.maxConnections = limits.maxConnections + spareConnections
  const sockets = new WebSocketServer({
    noServer: true, maxPayload: 2 * maxBodyBytes, handleProtocols: () => 'derp', perMessageDeflate: false,
  })

  server.on('upgrade', (request, socket, head) => {
    const upgrade = upgradeOf(request)
    if (upgrade.kind === 'none') {
      socket.on('error', () => socket.destroy())
      socket.end(upgradeRefusal, () => socket.destroy())
    } else if (upgrade.kind === 'websocket') {
      sockets.handleUpgrade(request, socket, head, (webSocket) => connections.add(createWebSocketStream(webSocket), new Uint8Array(0)))
    } else {
      if (!upgrade.fastStart) socket.write(upgradeReply(hub.publicKey))
      connections.add(socket, head)
    }
  })
  /** Every TCP connection: the HTTP server forgets those that are idle or upgraded. Bounded: `server.maxConnections`. */
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  server.on('secureConnection', (socket: TLSSocket) => {
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 30_000)
  })
  server.on('clientError', (_error, socket) => {
    failedHandshakes++
    socket.destroy()
  })

  await listenAt(server, { port: options.port, bind: options.bind, flag: 'derp-port' }, (error) => onLog(`The DERP port: ${String(error)}`))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : options.port
  const tick = setInterval(() => {
    hub.handleTimeout(clock.now())
    connections.settle()
  }, hubTickMs)

  async function refreshCertificate(): Promise<void> {
    try {
      if (!await certificates.refresh()) return
    } catch (error) {
      return onLog(`The DERP certificate cannot be renewed: ${error instanceof Error ? error.message : String(error)}. It is tried again each minute`)
    }
    onPins(certificates.pins)
    server.setSecureContext(presented())
  }
  const certificateTick = setInterval(() => void refreshCertificate(), options.certificateCheckMs ?? certificateCheckMs)

  return {
    port,
    publicKey: hub.publicKey,
    get pins() { return certificates.pins },
    get certificate() { return { own: certificates.own, notAfter: certificates.notAfter } },
    stats: () => ({ ...hub.stats(), failedHandshakes }),
    readPairs: pairs.read,
    disconnect(nodeKey) {
      hub.disconnect(nodeKey)
      connections.settle()
    },
    recheck() {
      hub.recheck()
      connections.settle()
    },
    setLimits(wanted) {
      limits = wanted
      server.maxConnections = limits.maxConnections + spareConnections
      hub.setLimits(limits, clock.now())
      connections.settle()
    },
    refreshCertificate,
    async close() {
      clearInterval(tick)
      clearInterval(certificateTick)
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      hub.announceRestart(reconnectInMs, tryForMs)
      connections.settle()
      await connections.endAll(closeWithinMs)
      for (const socket of open) socket.destroy()
      sockets.close()
      await closed
    },
  }
}

/** The everyday ends are counted by the hub and not worth a line; a full server is, once a minute. */
function createCloseLog(clock: Clock, onLog: (text: string) => void): (reason: CloseReason) => void {
  let saidAt = -Infinity
  return (reason) => {
    if (reason !== 'full' || clock.now() - saidAt < fullLogMs) return
    saidAt = clock.now()
    onLog('DERP: all connections are taken, and further clients are turned away')
  }
}
