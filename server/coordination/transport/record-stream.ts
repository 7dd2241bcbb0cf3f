import { Duplex } from 'node:stream'
import { concatBytes } from '../../../lib/bytes.ts'
import type { RecordReader, RecordSealer } from '../../../protocol/noise/index.ts'
import type { ClosedReason } from './counts.ts'

export interface RecordStreamOptions {
  readonly socket: Duplex
  readonly read: RecordReader
  readonly seal: RecordSealer
  /** Goes out in one chunk with the first records: a round trip less. */
  readonly greeting: Uint8Array
  /** Hears of bytes from the socket. */
  readonly onReceived: () => void
  /** Looks at each plaintext before it is passed on; a fault ends the stream. */
  readonly inspect: (plain: Uint8Array) => ClosedReason | undefined
  /** Hears of each plaintext that goes out. */
  readonly onSent: (plain: Uint8Array) => void
  /** Called once. The stream is to be destroyed then. */
  readonly onFault: (reason: ClosedReason) => void
}

const bufferBytes = 64 * 1024

/** Plaintext on this side, records on the socket's. Passes back-pressure on both ways: of what waits, at most a chunk is ours. */
export class RecordStream extends Duplex {
  readonly #options: RecordStreamOptions
  #greeting: Uint8Array | undefined
  #isFaulty = false

  constructor(options: RecordStreamOptions) {
    super({ allowHalfOpen: false, highWaterMark: bufferBytes })
    this.#options = options
    this.#greeting = options.greeting
    const { socket } = options
    socket.on('data', (chunk: Buffer) => this.receive(chunk))
    socket.on('end', () => this.push(null))
    socket.on('close', () => this.destroy())
  }

  /** Takes bytes as if they came from the socket: those that came with the upgrade. */
  receive(chunk: Uint8Array): void {
    if (this.#isFaulty || this.destroyed) return
    const { read, inspect, onReceived, onFault, socket } = this.#options
    onReceived()
    const plains = read(chunk)
    let fault: ClosedReason | undefined = plains.ok ? undefined : plains.reason
    let hasRoom = true
    for (const plain of plains.ok ? plains.value : []) {
      fault = inspect(plain)
      if (fault !== undefined) break
      hasRoom = this.push(plain)
    }
    if (fault !== undefined) {
      this.#isFaulty = true
      onFault(fault)
    } else if (!hasRoom) {
      socket.pause()
    }
  }

  override _read(): void {
    this.#options.socket.resume()
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send(chunk, done)
  }

  override _writev(chunks: { readonly chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done)
  }

  #send(plain: Uint8Array, done: (error?: Error | null) => void): void {
    const { socket, seal, onSent } = this.#options
    const sealed = seal(plain)
    if (!sealed.ok) return done(new Error(sealed.reason))
    const bytes = this.#greeting ? concatBytes(this.#greeting, sealed.value) : sealed.value
    this.#greeting = undefined
    if (socket.write(bytes)) done()
    else socket.once('drain', done)
    onSent(plain)
  }

  override _final(done: () => void): void {
    this.#options.socket.end(done)
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#options.socket.destroy()
    done(error)
  }
}
