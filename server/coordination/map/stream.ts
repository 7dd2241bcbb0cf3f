import type { Clock } from '../../../lib/clock.ts'
import { goodbye, MapFeed, type Said, type Told } from '../../../netmap/index.ts'
import type { MapResponse } from '../../../protocol/tailcfg/index.ts'
import type { AnswerStream } from '../transport/types.ts'

export interface StreamOptions {
  readonly nodeId: number
  readonly nodeKey: string
  readonly answer: AnswerStream
  readonly first: Told
  readonly keepAliveMs: number
  readonly frame: (message: MapResponse) => Uint8Array
  readonly clock: Clock
}

/** One client's map stream: writes what its feed says, as fast as the client takes it. */
export class MapStream {
  readonly nodeId: number
  readonly nodeKey: string
  readonly startedAt: number
  readonly #options: StreamOptions
  readonly #feed: MapFeed
  #isOver = false
  #isBlocked = false
  #buffered = 0
  #messages = 0
  #bytes = 0

  constructor(options: StreamOptions) {
    const { nodeId, nodeKey, clock, first, keepAliveMs } = options
    this.#options = options
    this.nodeId = nodeId
    this.nodeKey = nodeKey
    this.startedAt = clock.now()
    this.#feed = new MapFeed(first, this.startedAt, { keepAliveMs })
  }

  get told(): Told {
    return this.#feed.told
  }

  /** There is more to tell it in `relayHoldMs`. */
  get isHeld(): boolean {
    return !this.#isOver && this.#feed.isHeld(this.#options.clock.now())
  }

  get isBlocked(): boolean {
    return this.#isBlocked
  }

  /** Written since it began. */
  get written(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#messages, bytes: this.#bytes }
  }

  update(next: Told): void {
    this.#feed.update(next, this.#options.clock.now())
    this.pump()
  }

  /** False: too much waits already, or it ended. */
  say(said: Said): boolean {
    if (this.#isOver || !this.#feed.say(said)) return false
    this.pump()
    return true
  }

  /** Writes what is to be written now. */
  pump(): void {
    const { clock } = this.#options
    while (!this.#isOver && !this.#isBlocked) {
      const message = this.#feed.take(clock.now())
      if (message === undefined) return
      this.#write(message)
    }
  }

  /** Once a second: what is due by itself. False: the client has not taken anything for too long. */
  tick(): boolean {
    const now = this.#options.clock.now()
    if (this.#isBlocked) {
      const buffered = this.#options.answer.bufferedBytes()
      if (buffered !== this.#buffered) this.#feed.moved(now)
      this.#buffered = buffered
    } else if (this.#feed.due() <= now) this.pump()
    return !this.#feed.isStuck(now)
  }

  /** The last words to a removed node. */
  goodbye(): void {
    if (this.#isOver) return
    this.#write(goodbye(this.told, this.#options.clock.now()))
    this.end()
  }

  /** After what was written. */
  end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.answer.end()
  }

  destroy(): void {
    this.#isOver = true
    this.#options.answer.destroy()
  }

  #write(message: MapResponse): void {
    const { answer, frame, clock } = this.#options
    const bytes = frame(message)
    this.#messages++
    this.#bytes += bytes.length
    if (answer.write(bytes)) return
    this.#isBlocked = true
    this.#feed.blocked(clock.now())
    void answer.drained().then(() => {
      this.#isBlocked = false
      this.#feed.unblocked()
      this.pump()
    })
  }
}
