import { ed25519 } from '@noble/curves/ed25519.js'
import { WebSocket } from 'ws'
import { toHex } from '../../lib/bytes.ts'
import type { Clock, RandomBytes } from '../../lib/clock.ts'
import { challengeText, channelPath, channelSubprotocol, maxFrameBytes } from '../../protocol/channel/index.ts'
import { formatKey } from '../../protocol/keys.ts'
import type { NodeKeys } from '../config.ts'
import { ChannelMachine, type ChannelCommand, type ChannelIdentity, type Prove, type Status } from './machine.ts'
import type { Report } from '../../protocol/channel/index.ts'

const pingMs = 10_000
const silenceMs = 35_000

/** What the owner of a client is told; the commands that concern the socket stay inside. */
export type ChannelEvent = Exclude<ChannelCommand, { readonly type: 'connect' | 'send' | 'close' }>

export interface ChannelOptions {
  /** Base URL of the control plane, `http(s)://host:port`. */
  readonly server: string
  readonly keys: NodeKeys
  readonly host: Prove['host']
  readonly kind: Prove['kind']
  /** A function is asked at each connection: a key in a file may be made anew. */
  readonly authKey?: string | (() => string | undefined) | undefined
  readonly name?: string | undefined
  /** Where its relay is, in words. */
  readonly region?: string | undefined
  readonly revision: number
  readonly unsent?: readonly Report[] | undefined
  readonly clock: Clock
  readonly random: RandomBytes
  readonly onEvent: (event: ChannelEvent) => void
}

/** The identity that a channel proves: the challenge and the keys it comes with are signed with the machine key, the signature sent in hex. */
export function channelIdentity(options: Pick<ChannelOptions, 'keys' | 'host' | 'kind' | 'authKey' | 'name' | 'region'>): ChannelIdentity {
  const { keys, host, kind, authKey, name, region } = options
  const machineKey = formatKey('mkey', keys.machine.public)
  return {
    machineKey,
    prove(nonce, revision) {
      const key = typeof authKey === 'function' ? authKey() : authKey
      const proven = {
        nodeKey: formatKey('nodekey', keys.node.public),
        discoKey: formatKey('discokey', keys.disco.public),
        ...(key === undefined ? {} : { authKey: key }),
      }
      return {
        type: 'prove',
        signature: toHex(ed25519.sign(new TextEncoder().encode(challengeText(nonce, machineKey, proven)), keys.machine.secret)),
        kind,
        ...proven,
        host,
        ...(name === undefined ? {} : { name }),
        ...(region === undefined ? {} : { region }),
        revision,
      }
    },
  }
}

/** `http://host:3000/base` → `ws://host:3000/base/agent/channel`. */
export function channelUrl(server: string): string {
  const url = new URL(server)
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:'
  url.pathname = url.pathname.replace(/\/$/, '') + channelPath
  return url.href
}

/** The channel's socket and timer around its machine. Connects at once and again after each loss, until `stop`. */
export class ChannelClient {
  readonly #machine: ChannelMachine
  readonly #options: ChannelOptions
  #socket: WebSocket | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: ChannelOptions) {
    this.#options = options
    this.#machine = new ChannelMachine(channelIdentity(options), options.revision, options.random, options.unsent)
    this.#arm()
  }

  get connected(): boolean {
    return this.#machine.connected
  }

  get outboxFull(): boolean {
    return this.#machine.outboxFull
  }

  get unsent(): readonly Report[] {
    return this.#machine.unsent
  }

  applied(revision: number): void {
    this.#run(this.#machine.applied(revision))
  }

  status(status: Status): void {
    this.#run(this.#machine.status(status))
  }

  report(report: Report): void {
    this.#run(this.#machine.report(report))
  }

  /** Resolves when the socket has ended, within a second. */
  async stop(leave: boolean): Promise<void> {
    const socket = this.#socket
    const ended = socket === undefined ? Promise.resolve() : new Promise<void>((resolve) => {
      const last = setTimeout(() => { socket.terminate(); resolve() }, 1000)
      socket.once('close', () => { clearTimeout(last); resolve() })
    })
    this.#run(this.#machine.stop(leave))
    await ended
  }

  #run(commands: readonly ChannelCommand[]): void {
    for (const command of commands) {
      if (command.type === 'connect') this.#connect()
      else if (command.type === 'send') this.#socket?.send(command.text)
      else if (command.type === 'close') this.#close(command.code, command.reason)
      else this.#options.onEvent(command)
    }
    this.#arm()
  }

  #arm(): void {
    clearTimeout(this.#timer)
    const at = this.#machine.wakeAt
    if (at === undefined) return
    const now = () => this.#options.clock.now()
    this.#timer = setTimeout(() => this.#run(this.#machine.tick(now())), Math.max(0, at - now()))
  }

  #close(code: number, reason: string): void {
    const socket = this.#socket
    this.#socket = undefined
    socket?.close(code, reason)
  }

  #connect(): void {
    const { clock, server, onEvent } = this.#options
    const socket = new WebSocket(channelUrl(server), channelSubprotocol, { maxPayload: maxFrameBytes, handshakeTimeout: 10_000 })
    this.#socket = socket
    const ifCurrent = (commands: () => ChannelCommand[]) => {
      if (this.#socket === socket) this.#run(commands())
    }
    socket.on('open', () => ifCurrent(() => this.#machine.opened()))
    let heardAt = clock.now()
    // A way that died without a word (a NAT's table, a cable) shows only in silence.
    const pulse = setInterval(() => {
      if (clock.now() - heardAt > silenceMs) socket.terminate()
      else if (socket.readyState === WebSocket.OPEN) socket.ping()
    }, pingMs)
    // Its pings count too: while its database is away it reads nothing, so it answers none of ours.
    for (const event of ['ping', 'pong']) socket.on(event, () => { heardAt = clock.now() })
    socket.on('message', (data) => {
      heardAt = clock.now()
      ifCurrent(() => this.#machine.frame(data.toString(), clock.now()))
    })
    socket.on('error', (error) => {
      // One that we ourselves gave up while it was connecting has nothing to tell.
      if (this.#socket === socket) onEvent({ type: 'log', text: `channel: ${error.message}` })
    })
    socket.on('close', (code, reason) => {
      clearInterval(pulse)
      ifCurrent(() => {
        this.#socket = undefined
        return this.#machine.closed(clock.now(), code, reason.toString())
      })
    })
  }
}
