import { equalBytes } from '../../lib/bytes.ts'
import type { Millis, RandomBytes } from '../../lib/clock.ts'
import { TokenBucket } from '../../lib/token-bucket.ts'
import type { DerpRegion } from '../../protocol/channel/index.ts'
import { createFrameParser, maxPacketBytes, type FrameParser } from '../../protocol/derp/frame.ts'
import { openServerInfo, sealClientInfo } from '../../protocol/derp/info.ts'
import { decodeDerp, encodeDerp, type DerpMessage } from '../../protocol/derp/message.ts'
import { formatKey, parseKey, type NodeKey } from '../../protocol/keys.ts'
import { beforeBox, boxNonceBytes } from '../../protocol/nacl-box.ts'
import { backoffMs } from '../channel/backoff.ts'
import { SendQueue, type QueueDrop } from './send-queue.ts'

/** TCP, TLS, upgrade and the server's info together. */
const greetingMs = 15_000
/** A server is heard at least each 60 s (keep-alive), and answers our pings: silence of this length is a dead connection. */
const silenceMs = 120_000
const pingMs = 30_000
/** Bytes of packets that wait for a slow or absent connection. */
const queueBytes = 512 * 1024

export type DerpState =
  /** No region is known. */
  | { readonly name: 'none' }
  | { readonly name: 'connecting' }
  | { readonly name: 'connected'; readonly regionId: number }
  /** `text`: why, for people. */
  | { readonly name: 'waiting'; readonly text: string; readonly retryAt: Millis }
  | { readonly name: 'stopped' }

export type DerpClientCommand =
  | { readonly type: 'connect'; readonly region: DerpRegion }
  | { readonly type: 'close' }
  /** Something can be read from `next`. */
  | { readonly type: 'writable' }
  | { readonly type: 'packet'; readonly from: NodeKey; readonly bytes: Uint8Array }
  /** `reason`: 0 it has left, 1 it was not here. */
  | { readonly type: 'peer-gone'; readonly peer: NodeKey; readonly reason: number }
  | { readonly type: 'state'; readonly state: DerpState }
  | { readonly type: 'log'; readonly text: string }

export type SendDrop = QueueDrop | 'rate' | 'too-long' | 'no-region'

export interface DerpClientStats {
  /** Packets taken by the connection, and received; bytes without frame and key. */
  readonly sent: number
  readonly received: number
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly connects: number
  readonly dropped: Readonly<Record<SendDrop, number>>
  /** Of the last ping; undefined before its pong. */
  readonly rttMs: number | undefined
}

export interface DerpMachineOptions {
  /** The node's key pair, raw 32 bytes each. */
  readonly secret: Uint8Array
  readonly public: Uint8Array
  readonly random: RandomBytes
}

/** A DERP client without its socket: events in, commands out. `wakeAt` says when `tick` is due. */
export class DerpMachine {
  readonly #options: DerpMachineOptions
  readonly #queue = new SendQueue(queueBytes, (reason) => { this.#dropped[reason]++ })
  /** Infos, pings and pongs. Bounded: a server that has them unread for long is silent, and given up. */
  readonly #control: Uint8Array[] = []
  readonly #dropped: Record<SendDrop, number> = { 'queue-full': 0, stale: 0, rate: 0, 'too-long': 0, 'no-region': 0 }
  #region: DerpRegion | undefined
  #state: DerpState = { name: 'none' }
  #parser: FrameParser = createFrameParser()
  #shared: Uint8Array | undefined
  #rate: TokenBucket | undefined
  #attempt = 0
  #deadline: Millis = Infinity
  #heardAt: Millis = 0
  #ping: { readonly data: Uint8Array; readonly at: Millis } | undefined
  #pingAt: Millis = 0
  /** From a Restarting: when the server wants us back. */
  #returnInMs: number | undefined
  #sent = 0
  #received = 0
  #bytesSent = 0
  #bytesReceived = 0
  #connects = 0
  #rttMs: number | undefined

  constructor(options: DerpMachineOptions) {
    this.#options = options
  }

  get state(): DerpState {
    return this.#state
  }

  get region(): DerpRegion | undefined {
    return this.#region
  }

  get wakeAt(): Millis {
    if (this.#state.name === 'waiting') return this.#state.retryAt
    if (this.#state.name === 'connected') return Math.min(this.#pingAt, this.#heardAt + silenceMs)
    return this.#state.name === 'connecting' ? this.#deadline : Infinity
  }

  stats(): DerpClientStats {
    return {
      sent: this.#sent, received: this.#received, bytesSent: this.#bytesSent, bytesReceived: this.#bytesReceived,
      connects: this.#connects, dropped: { ...this.#dropped }, rttMs: this.#rttMs,
    }
  }

  /** Another region, or the same with other pins: a connection that stands is kept where its server stays the same. */
  update(region: DerpRegion | undefined, now: Millis): DerpClientCommand[] {
    const before = this.#region
    this.#region = region
    if (this.#state.name === 'stopped') return []
    if (!region) {
      if (this.#state.name === 'none') return []
      return [...this.#enter({ name: 'none' }), { type: 'close' }]
    }
    const sameServer = before?.host === region.host && before.derpPort === region.derpPort
    if (sameServer && (this.#state.name === 'connected' || this.#state.name === 'connecting')) return []
    // An unchanged region gives no reason to believe that the next try does better than the last.
    if (sameServer && this.#state.name === 'waiting' && before.pins.join() === region.pins.join()) return []
    this.#attempt = 0
    const close: DerpClientCommand[] = this.#state.name === 'none' || this.#state.name === 'waiting' ? [] : [{ type: 'close' }]
    return [...close, ...this.#connect(region, now)]
  }

  tick(now: Millis): DerpClientCommand[] {
    if (now < this.wakeAt) return []
    const region = this.#region
    if (this.#state.name === 'waiting' && region) return this.#connect(region, now)
    if (this.#state.name === 'connecting') return [{ type: 'close' }, ...this.closed('the server did not answer in time', now)]
    if (this.#state.name !== 'connected') return []
    if (now - this.#heardAt >= silenceMs) return [{ type: 'close' }, ...this.closed('the server has been silent for two minutes', now)]
    this.#pingAt = now + pingMs
    this.#ping = { data: this.#options.random(8), at: now }
    return this.#write({ kind: 'ping', data: this.#ping.data })
  }

  /** The stream ended, by whichever side; later events of it must not be passed on. */
  closed(text: string, now: Millis): DerpClientCommand[] {
    if (this.#state.name !== 'connecting' && this.#state.name !== 'connected') return []
    const wait = this.#returnInMs === undefined ? backoffMs(this.#attempt, this.#options.random) : this.#jittered(this.#returnInMs)
    this.#attempt++
    this.#returnInMs = undefined
    this.#control.length = 0
    return this.#enter({ name: 'waiting', text, retryAt: now + wait })
  }

  received(chunk: Uint8Array, now: Millis): DerpClientCommand[] {
    this.#heardAt = now
    const frames = this.#parser.push(chunk)
    if (!frames.ok) return this.#broken('a frame is too long', now)
    const commands: DerpClientCommand[] = []
    for (const frame of frames.value) {
      const message = decodeDerp(frame)
      if (message.ok) commands.push(...this.#take(message.value, now))
      else if (message.reason !== 'unknown-type') commands.push(...this.#broken(`a frame is ${message.reason}`, now))
      if (this.#state.name === 'waiting') break
    }
    return commands
  }

  /** Sends a packet when it can: at once, or within 3 s of connecting; else it is dropped and counted. */
  send(to: NodeKey, packet: Uint8Array, now: Millis): DerpClientCommand[] {
    const drop = (reason: SendDrop): DerpClientCommand[] => {
      this.#dropped[reason]++
      return []
    }
    const destination = parseKey('nodekey', to)
    if (!this.#region || this.#state.name === 'stopped' || !destination.ok) return drop('no-region')
    if (packet.length > maxPacketBytes) return drop('too-long')
    const frame = encodeDerp({ kind: 'send-packet', destination: destination.value, packet })
    if (this.#rate && !this.#rate.take(frame.length, now)) return drop('rate')
    this.#queue.push(frame, now)
    return this.#state.name === 'connected' ? [{ type: 'writable' }] : []
  }

  /** The next frame to write; undefined: none, or not connected yet. */
  next(now: Millis): Uint8Array | undefined {
    const control = this.#control.shift()
    if (control || this.#state.name !== 'connected') return control
    const frame = this.#queue.next(now)
    if (frame) {
      this.#sent++
      this.#bytesSent += frame.length - 37
    }
    return frame
  }

  stop(): DerpClientCommand[] {
    if (this.#state.name === 'stopped') return []
    return [...this.#enter({ name: 'stopped' }), { type: 'close' }]
  }

  #connect(region: DerpRegion, now: Millis): DerpClientCommand[] {
    this.#parser = createFrameParser()
    this.#shared = undefined
    this.#rate = undefined
    this.#ping = undefined
    this.#control.length = 0
    this.#deadline = now + greetingMs
    return [...this.#enter({ name: 'connecting' }), { type: 'connect', region }]
  }

  #enter(state: DerpState): DerpClientCommand[] {
    this.#state = state
    return [{ type: 'state', state }]
  }

  #broken(text: string, now: Millis): DerpClientCommand[] {
    return [{ type: 'close' }, ...this.closed(`the server's stream does not read: ${text}`, now)]
  }

  #write(message: DerpMessage): DerpClientCommand[] {
    this.#control.push(encodeDerp(message))
    return [{ type: 'writable' }]
  }

  #jittered(ms: number): number {
    return Math.min(60_000, ms) * (0.5 + (this.#options.random(1)[0] ?? 0) / 255)
  }

  #take(message: DerpMessage, now: Millis): DerpClientCommand[] {
    switch (message.kind) {
      case 'server-key':
        return this.#greet(message.serverKey, now)
      case 'server-info':
        return this.#welcomed(message, now)
      case 'recv-packet':
        this.#received++
        this.#bytesReceived += message.packet.length
        return [{ type: 'packet', from: formatKey('nodekey', message.source), bytes: message.packet }]
      case 'peer-gone':
        return [{ type: 'peer-gone', peer: formatKey('nodekey', message.peer), reason: message.reason }]
      case 'ping':
        return this.#write({ kind: 'pong', data: message.data.slice() })
      case 'pong':
        if (this.#ping && equalBytes(this.#ping.data, message.data)) this.#rttMs = now - this.#ping.at
        return []
      case 'health':
        return message.text === '' ? [] : [{ type: 'log', text: message.text }]
      case 'restarting':
        this.#returnInMs = message.reconnectInMs
        return []
      default:
        return []
    }
  }

  #greet(serverKey: Uint8Array, now: Millis): DerpClientCommand[] {
    const shared = beforeBox(this.#options.secret, serverKey)
    if (!shared.ok) return this.#broken('its key is no key', now)
    this.#shared = shared.value
    const info = sealClientInfo(shared.value, this.#options.random(boxNonceBytes), { canAckPings: true })
    return this.#write({ kind: 'client-info', clientKey: this.#options.public, ...info })
  }

  #welcomed(message: DerpMessage & { kind: 'server-info' }, now: Millis): DerpClientCommand[] {
    const info = this.#shared && openServerInfo(this.#shared, message)
    const region = this.#region
    if (!info?.ok || !region) return this.#broken('its info does not open', now)
    const { TokenBucketBytesPerSecond: perSecond, TokenBucketBytesBurst: burst } = info.value
    this.#rate = perSecond ? new TokenBucket({ perSecond, burst: burst ?? perSecond }, now) : undefined
    if (this.#state.name === 'connected') return []
    this.#attempt = 0
    this.#connects++
    this.#pingAt = now + this.#jittered(pingMs)
    return [...this.#enter({ name: 'connected', regionId: region.id }), ...this.#write({ kind: 'note-preferred', preferred: true })]
  }
}
