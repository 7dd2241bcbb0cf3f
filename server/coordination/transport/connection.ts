import { performServerHandshake, type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2'
import type { Duplex } from 'node:stream'
import type { Clock, Millis } from '../../../lib/clock.ts'
import { createRecordReader, createRecordSealer, type Session } from '../../../protocol/noise/index.ts'
import { BodyBudget } from './body.ts'
import type { ClosedReason } from './counts.ts'
import { createExchange, type OpenExchange } from './exchange.ts'
import { FrameMeter } from './frame-meter.ts'
import { createGoawayWatch } from './frame-walker.ts'
import type { TransportLimits } from './limits.ts'
import { nodeCrypto } from './node-crypto.ts'
import { RecordStream } from './record-stream.ts'
import type { Caller } from './types.ts'

/** HTTP/2's own bound per connection, megabytes: new requests are refused while more is kept, so it is above the largest answer. */
const sessionMegabytes = 48

export interface ConnectionOptions {
  readonly caller: Caller
  readonly socket: Duplex
  /** Bytes that came with the upgrade. */
  readonly head: Uint8Array
  readonly session: Session
  /** What the client waits for: the upgrade's answer and the handshake's; without records. */
  readonly greeting: Uint8Array
  /** Plaintext before HTTP/2. */
  readonly early: Uint8Array
  readonly limits: TransportLimits
  readonly clock: Clock
  /** Milliseconds that only grow, as the connection's ticks tell them. */
  readonly uptime: () => Millis
  readonly onRequest: (exchange: OpenExchange) => void
  /** Its machine has a node. */
  readonly onRegistered: () => void
  /** Once, when all is over. */
  readonly onClosed: (reason: ClosedReason, detail: string) => void
}

/** One client's connection: HTTP/2 over records. Whatever is wrong with it ends it, and it alone. */
export class Connection {
  readonly caller: Caller
  readonly #options: ConnectionOptions
  readonly #records: RecordStream
  readonly #h2: ServerHttp2Session
  readonly #meter: FrameMeter
  readonly #budget: BodyBudget
  /** Bounded: `limits.maxStreams`. */
  readonly #exchanges = new Set<OpenExchange>()
  readonly #since: Millis
  #receivedAt: Millis
  #busyAt: Millis
  #isEstablished = false
  #hasSettings = false
  #isRegistered = false
  #isPinging = false
  #isClosing = false
  /** The client said that it goes, or is gone. */
  #hasLeft = false
  #end: { readonly reason: ClosedReason; readonly detail: string } | undefined

  constructor(options: ConnectionOptions) {
    const { caller, socket, head, session, greeting, early, limits, clock, uptime, onClosed } = options
    this.#options = options
    this.caller = caller
    this.#since = this.#receivedAt = this.#busyAt = uptime()
    this.#meter = new FrameMeter(limits, clock.now())
    this.#budget = new BodyBudget(() => this.#isRegistered ? limits.maxBodiesBytes : limits.maxStrangersBodiesBytes)
    const seal = createRecordSealer(session.sendKey, nodeCrypto)
    const sealedEarly = seal(early)
    const goawayCode = createGoawayWatch()
    // Before the stream does it: that the socket closes then is our doing.
    for (const event of ['end', 'close']) socket.once(event, () => { this.#hasLeft ||= !this.#records.destroyed })
    this.#records = new RecordStream({
      socket, seal,
      greeting: Buffer.concat([greeting, sealedEarly.ok ? sealedEarly.value : Buffer.alloc(0)]),
      read: createRecordReader(session.receiveKey, nodeCrypto),
      onReceived: () => { this.#receivedAt = uptime() },
      inspect: (plain) => this.#inspect(plain),
      onSent: (plain) => this.#sent(plain, goawayCode(plain)),
      onFault: (reason) => this.end(reason),
    })
    socket.on('error', (error) => this.end('reset', error.message))
    this.#records.on('error', (error) => this.end('reset', error.message))
    this.#records.once('close', () => {
      this.#forgetAll('the connection ended')
      // HTTP/2 gives some clients up without a word.
      const { reason, detail } = this.#end ?? { reason: this.#hasLeft ? 'client' as const : 'h2-error' as const, detail: '' }
      onClosed(reason, detail)
    })
    this.#h2 = performServerHandshake(this.#records, {
      maxSessionMemory: sessionMegabytes, maxHeaderListPairs: 64, maxSettings: 32, maxOutstandingPings: 4,
      settings: { maxConcurrentStreams: limits.maxStreams, maxHeaderListSize: limits.maxHeaderListBytes, initialWindowSize: 128 * 1024, enablePush: false },
    })
    this.#h2.on('error', (error) => this.end('h2-error', error.message))
    this.#h2.once('remoteSettings', () => { this.#hasSettings = true })
    this.#h2.once('goaway', () => { this.#hasLeft = true })
    this.#h2.once('close', () => this.#records.destroy())
    this.#h2.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => this.#request(stream, headers))
    if (head.length > 0) this.#records.receive(head)
  }

  /** The client's first record was good: it is who it says. */
  get isEstablished(): boolean {
    return this.#isEstablished
  }

  #inspect(plain: Uint8Array): ClosedReason | undefined {
    this.#isEstablished = true
    return this.#meter.read(plain, this.#options.clock.now())
  }

  #sent(plain: Uint8Array, goawayCode: number | undefined): void {
    this.#meter.sent(plain.length)
    if (goawayCode === undefined) return
    this.#end ??= { reason: 'h2-error', detail: `GOAWAY ${goawayCode}` }
    // It is to be read first.
    setImmediate(() => this.#records.end(() => this.#records.destroy()))
  }

  #request(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const { limits, onRequest, caller } = this.#options
    const exchange = createExchange({
      stream, headers, caller, budget: this.#budget, bodyMs: limits.bodyMs,
      registered: () => this.#register(),
      connectionBuffered: () => this.#records.writableLength + this.#options.socket.writableLength,
    })
    this.#exchanges.add(exchange)
    this.#busyAt = this.#options.uptime()
    stream.once('close', () => {
      this.#exchanges.delete(exchange)
      this.#busyAt = this.#options.uptime()
    })
    onRequest(exchange)
  }

  #register(): void {
    if (this.#isRegistered) return
    this.#isRegistered = true
    this.#options.onRegistered()
  }

  #forgetAll(reason: string): void {
    for (const exchange of this.#exchanges) exchange.abort(reason)
  }

  /** Ends it at once. The first reason counts. */
  end(reason: ClosedReason, detail = ''): void {
    this.#end ??= { reason, detail }
    if (!this.#h2.destroyed) this.#h2.destroy()
    this.#records.destroy()
  }

  /** No further requests; handlers are told to end theirs, and what is written is sent, for `limits.closeMs` at most. Resolves when it is over. */
  close(reason: 'drained' | 'idle'): Promise<void> {
    const isOver = this.#records.closed ? Promise.resolve() : new Promise<void>((resolve) => { this.#records.once('close', resolve) })
    if (this.#isClosing || this.#end) return isOver
    this.#isClosing = true
    const late = setTimeout(() => this.end(reason, 'not all was sent'), this.#options.limits.closeMs)
    this.#records.once('close', () => clearTimeout(late))
    this.#end = { reason, detail: '' }
    if (!this.#h2.destroyed) this.#h2.close()
    this.#forgetAll('the server is stopping')
    setImmediate(() => {
      for (const exchange of this.#exchanges) exchange.answer(503, 'The control plane is stopping. Try again')
    })
    return isOver
  }

  tick(): void {
    const { limits, uptime } = this.#options
    const now = uptime()
    if (!this.#hasSettings) {
      if (now - this.#since >= limits.handshakeMs) this.end('handshake-timeout')
      return
    }
    if (now - this.#receivedAt >= limits.deadMs) return this.end('half-open')
    if (now - this.#receivedAt >= limits.quietMs && !this.#isPinging && !this.#h2.destroyed) {
      this.#isPinging = true
      this.#h2.ping(() => { this.#isPinging = false })
    }
    if (this.#exchanges.size === 0 && now - this.#busyAt >= limits.idleMs) void this.close('idle')
  }
}
