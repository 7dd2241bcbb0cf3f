import type { Millis } from '../../lib/clock.ts'

interface Waiting {
  readonly frame: Uint8Array
  readonly since: Millis
}

/** Packets that wait for the connection; older ones help nobody: their senders have sent again. */
const staleMs = 3000

export type QueueDrop = 'queue-full' | 'stale'

/** Frames that wait to be written. Bounded: `limitBytes` of them (or a single one); beyond it the oldest goes. */
export class SendQueue {
  readonly #frames: Waiting[] = []
  readonly #limitBytes: number
  readonly #onDrop: (reason: QueueDrop) => void
  #bytes = 0

  constructor(limitBytes: number, onDrop: (reason: QueueDrop) => void) {
    this.#limitBytes = limitBytes
    this.#onDrop = onDrop
  }

  push(frame: Uint8Array, now: Millis): void {
    while (this.#frames.length > 0 && this.#bytes + frame.length > this.#limitBytes) {
      this.#shift()
      this.#onDrop('queue-full')
    }
    this.#frames.push({ frame, since: now })
    this.#bytes += frame.length
  }

  next(now: Millis): Uint8Array | undefined {
    for (let first = this.#shift(); first; first = this.#shift()) {
      if (now - first.since < staleMs) return first.frame
      this.#onDrop('stale')
    }
    return undefined
  }

  #shift(): Waiting | undefined {
    const first = this.#frames.shift()
    this.#bytes -= first?.frame.length ?? 0
    return first
  }
}
