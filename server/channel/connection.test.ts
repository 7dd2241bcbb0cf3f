import { EventEmitter } from 'node:events'
import { expect, test, vi } from 'vitest'
import type { WebSocket } from 'ws'
import { Connection, type Work } from './connection.ts'
import { admission, frameOf, testIdentity, testLog } from './testing.ts'

/** What a connection uses of a socket. */
class FakeSocket extends EventEmitter {
  isPaused = false
  readonly bufferedAmount = 0
  readonly terminate = vi.fn<() => void>()
  send(): void {}
  pause(): void {
    this.isPaused = true
  }

  resume(): void {
    this.isPaused = false
  }
}

/** An admitted node's connection, and what it was given to do. */
function rig() {
  const socket = new FakeSocket()
  const done: (() => void)[] = []
  const works: Work[] = []
  const connection = new Connection(socket as unknown as WebSocket, {
    ip: '192.0.2.1', clock: { now: () => 0 }, log: testLog(), random: (length) => new Uint8Array(length), verify: () => true,
    work(work) {
      works.push(work)
      return new Promise<void>((resolve) => { done.push(resolve) })
    },
    onClosed: () => {}, onAdmitted: () => {}, onRefused: () => {},
  })
  const hear = (message: Parameters<typeof frameOf>[0]): void => void socket.emit('message', Buffer.from(frameOf(message)), false)
  const identity = testIdentity()
  hear({ type: 'hello', version: 1, machineKey: identity.machineKey })
  hear(identity.prove(''))
  connection.admitted(admission)
  return { socket, done, works, connection, hear }
}

test('a node is not silent while it is we who do not read, as the database is away', async () => {
  const { socket, done, connection, hear } = rig()
  for (let revision = 0; !socket.isPaused; revision++) hear({ type: 'applied', revision })
  // Any silence at all would be too long.
  connection.tick(-1)
  expect(socket.terminate).not.toHaveBeenCalled()
  while (socket.isPaused) {
    await vi.waitFor(() => expect(done.length).toBeGreaterThan(0))
    done.shift()?.()
  }
  connection.tick(-1)
  expect(socket.terminate).toHaveBeenCalledOnce()
})

test('of statuses that wait for the database only the newest is taken, in its place', async () => {
  const { done, works, hear } = rig()
  for (const homeDerp of [1, 2]) hear({ type: 'status', homeDerp, endpoints: [] })
  hear({ type: 'applied', revision: 7 })
  hear({ type: 'status', homeDerp: 3, endpoints: [] })
  for (let count = 1; count <= 3; count++) {
    await vi.waitFor(() => expect(done).toHaveLength(1))
    done.shift()?.()
  }
  expect(works.map((work) => (work.type === 'status' ? work.status.homeDerp : work.type))).toEqual(['admit', 'applied', 3])
})
