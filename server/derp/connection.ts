import type { Duplex } from 'node:stream'
import type { Clock } from '../../lib/clock.ts'
import type { CloseReason, ConnectionId, DerpHub } from './types.ts'

/** Frames are gathered to this size before they go to the socket: a TLS record each would cost more than the copy. */
const batchBytes = 64 * 1024

export interface Connections {
  /** Takes over a stream past its upgrade; `head`: bytes that came with it. */
  add(stream: Duplex, head: Uint8Array): void
  /** Executes what the hub wants done; to be called after each call of the hub from elsewhere. */
  settle(): void
  /** Ends every connection once what waits is written, or after `withinMs`. */
  endAll(withinMs: number): Promise<void>
}

/** Streams around the hub: what they read goes in, and what the hub has for each goes out as fast as it takes it. */
export function createConnections(hub: DerpHub, clock: Clock, onClose: (reason: CloseReason) => void): Connections {
  /** Bounded: one per connection of the hub, which bounds those; a refused one goes with its end. */
  const streams = new Map<ConnectionId, Duplex>()
  let lastId = 0

  function pump(id: ConnectionId): void {
    const stream = streams.get(id)
    if (!stream || stream.destroyed) return
    while (!stream.writableNeedDrain) {
      const frames: Uint8Array[] = []
      let waiting = 0
      for (let frame = hub.next(id, clock.now()); frame; frame = waiting < batchBytes ? hub.next(id, clock.now()) : undefined) {
        frames.push(frame)
        waiting += frame.length
      }
      if (frames.length === 0) return
      stream.write(frames.length === 1 ? frames[0] : Buffer.concat(frames))
    }
  }

  function settle(): void {
    for (let command = hub.nextCommand(); command; command = hub.nextCommand()) {
      if (command.kind === 'writable') {
        pump(command.connection)
      } else {
        onClose(command.reason)
        streams.get(command.connection)?.destroy()
        streams.delete(command.connection)
      }
    }
  }

  return {
    settle,
    add(stream, head) {
      const id = ++lastId
      streams.set(id, stream)
      const gone = (): void => {
        if (streams.get(id) === stream) streams.delete(id)
        hub.closed(id)
        settle()
      }
      const take = (chunk: Uint8Array): void => {
        hub.receive(id, chunk, clock.now())
        settle()
      }
      // A reset is a connection's everyday end; `close` follows and does what is to be done.
      stream.on('error', () => {})
      stream.on('close', gone)
      stream.on('end', () => stream.destroy())
      stream.on('drain', () => pump(id))
      hub.connect(id, clock.now())
      settle()
      if (head.length > 0) take(head)
      stream.on('data', take)
    },
    async endAll(withinMs) {
      const ends = [...streams.values()].map((stream) => new Promise<void>((resolve) => {
        const late = setTimeout(() => stream.destroy(), withinMs)
        stream.once('close', () => {
          clearTimeout(late)
          resolve()
        })
        stream.end(() => stream.destroy())
      }))
      await Promise.all(ends)
    },
  }
}
