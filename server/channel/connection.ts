import type { RawData, WebSocket } from 'ws'
import type { Clock } from '../../lib/clock.ts'
import { closeCodes, encodeMessage, type ToNode } from '../../protocol/channel/index.ts'
import { ConnectionMachine, type MachineCommand, type MachineOptions, type Refusal } from './machine.ts'
import type { Admission, ChannelLog } from './types.ts'

/** Messages taken but not worked on; beyond it the socket is not read until half is done. */
const maxWaiting = 64
/** How long a socket may take to answer our close. */
const closeMs = 2000
/** More than this not yet taken by the other side: it does not read. One view of 10,000 peers is about 4 MiB. */
const maxBufferedBytes = 32 << 20

/** Commands that concern more than the socket. Worked on one after the other, in the order of the frames. */
export type Work = Exclude<MachineCommand, { readonly type: 'send' | 'close' | 'log' }>

export interface ConnectionOptions extends Omit<MachineOptions, 'now'> {
  readonly ip: string
  readonly clock: Clock
  readonly log: ChannelLog
  readonly work: (work: Work) => Promise<void>
  readonly onClosed: () => void
  /** Before the node knows: from then on it may send all that it has. */
  readonly onAdmitted: () => void
  /** A refusal was sent, of a proof or of a node. */
  readonly onRefused: (code: string) => void
}

/** One agent's socket around its machine. */
export class Connection {
  readonly ip: string
  admission: Admission | undefined
  /** The revision that the node has of us in this connection or says that it applied before. */
  nodeRevision = 0
  /** What the node was last told; undefined: nothing yet. */
  isWatched: boolean | undefined
  #heardAt = performance.now()
  #waiting = 0
  /** The host's name as it says itself: who it is while nobody has admitted it. */
  #host: string | undefined
  #chain: Promise<void> = Promise.resolve()
  #newestStatus: Work | undefined
  readonly #socket: WebSocket
  readonly #machine: ConnectionMachine
  readonly #options: ConnectionOptions

  constructor(socket: WebSocket, options: ConnectionOptions) {
    this.ip = options.ip
    this.#socket = socket
    this.#options = options
    this.#machine = new ConnectionMachine({ ...options, now: options.clock.now() })
    socket.on('message', (data, isBinary) => this.#frame(data, isBinary))
    socket.on('pong', () => { this.#heardAt = performance.now() })
    // `ws` closes the socket after it; 'close' follows.
    socket.on('error', (error) => options.log.warn(this.about, `channel: ${error.message}`))
    socket.on('close', () => {
      this.#machine.closed()
      options.onClosed()
    })
  }

  get isOpen(): boolean {
    return this.#machine.phase === 'open'
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount
  }

  /** For the log. */
  get about(): object {
    return { ip: this.ip, ...(this.#host !== undefined && { host: this.#host }), ...(this.admission && { node: this.admission.name, nodeId: this.admission.id }) }
  }

  admitted(admission: Admission): void {
    this.admission = admission
    this.#options.onAdmitted()
    this.#run(this.#machine.admitted(admission))
  }

  refuse(refusal: Refusal): void {
    this.#run(this.#machine.refuse(refusal))
  }

  close(code: number, reason: string): void {
    this.#run(this.#machine.close(code, reason))
  }

  send(message: ToNode): void {
    this.sendText(encodeMessage(message))
  }

  sendText(text: string): void {
    if (!this.isOpen) return
    if (this.#socket.bufferedAmount > maxBufferedBytes) return this.close(closeCodes.tooSlow, 'does not take what it is sent')
    this.#socket.send(text)
  }

  /** Called each second. */
  tick(silenceMs: number): void {
    this.#run(this.#machine.tick(this.#options.clock.now()))
    if (this.#socket.isPaused) {
      // What we do not read we do not hear: a database that is away for long is not the node's silence.
      this.#heardAt = performance.now()
      return
    }
    if (performance.now() - this.#heardAt <= silenceMs) return
    this.#options.log.warn(this.about, `channel: nothing heard for ${silenceMs / 1000} s`)
    this.#socket.terminate()
  }

  ping(): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping()
  }

  terminate(): void {
    this.#socket.terminate()
  }

  #frame(data: RawData, isBinary: boolean): void {
    this.#heardAt = performance.now()
    // The default binaryType gives Buffers.
    this.#run(isBinary ? this.#machine.binaryFrame() : this.#machine.frame(data.toString(), this.#options.clock.now()))
  }

  #run(commands: readonly MachineCommand[]): void {
    for (const command of commands) {
      switch (command.type) {
        case 'send': this.#socket.send(command.text); break
        case 'log': this.#options.log.warn(this.about, `channel: ${command.text}`); break
        case 'close':
          if (command.code === closeCodes.refused && this.admission === undefined) this.#options.onRefused(command.reason)
          this.#end(command.code, command.reason)
          break
        default:
          if (command.type === 'admit') this.#host = command.prove.host.hostname
          this.#enqueue(command)
      }
    }
  }

  #enqueue(work: Work): void {
    if (++this.#waiting >= maxWaiting) this.#socket.pause()
    if (work.type === 'status') this.#newestStatus = work
    // A status is all of it: one that a newer one waits behind would only keep that from the clients who wait for this relay.
    const isStale = (): boolean => work.type === 'status' && work !== this.#newestStatus
    this.#chain = this.#chain.then(() => (isStale() ? undefined : this.#options.work(work))).catch((error: unknown) => {
      this.#options.log.error({ ...this.about, err: error }, `channel: ${work.type} failed`)
      this.close(closeCodes.tooSlow, `${work.type} could not be taken: come again`)
    }).finally(() => {
      if (--this.#waiting <= maxWaiting / 2 && this.#socket.isPaused) this.#socket.resume()
    })
  }

  #end(code: number, reason: string): void {
    // A paused socket would never read the other side's close.
    if (this.#socket.isPaused) this.#socket.resume()
    this.#socket.close(code, reason)
    const last = setTimeout(() => this.#socket.terminate(), closeMs)
    this.#socket.once('close', () => clearTimeout(last))
  }
}
