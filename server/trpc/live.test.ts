import { expect, test, vi } from 'vitest'
import { createBus } from '../bus/index.ts'
import type { LiveSample } from '../services/live/shape.ts'
import { liveRouter } from './routers/live.ts'
import { createCallerFactory } from './trpc.ts'
import { person } from '../services/testing.ts'
import type { Actor } from '../services/actor.ts'
import type { TrpcContext } from './context.ts'

const sample = (at: number): LiveSample => ({ at, relays: [], sessions: [], derpBits: 0 })

/** The live router with figures that are fed by hand. Only what it uses of the context is there. */
function setUp(actor: Actor | null, signal: AbortSignal) {
  const listeners = new Set<(sample: LiveSample) => void>()
  const interests: unknown[] = []
  const bus = createBus((error) => { throw error })
  const gone = { yes: false }
  const context = {
    actor, headers: new Headers(), services: { bus }, lookAgain: async () => (gone.yes ? null : actor),
    metrics: {
      live: {
        subscribe(listener: (sample: LiveSample) => void, interest: unknown) {
          listeners.add(listener)
          interests.push(interest)
          return () => void listeners.delete(listener)
        },
      },
    },
  }
  // A stand-in that has exactly what these two procedures reach.
  const caller = createCallerFactory(liveRouter)(context as unknown as TrpcContext, { signal })
  return { caller, bus, listeners, interests, gone, feed: (at: number) => { for (const listener of listeners) listener(sample(at)) } }
}

test('samples come as they are fed, the newest to one that is slow, and nobody looks any more at the end', async () => {
  const abort = new AbortController()
  const { caller, feed, listeners, interests } = setUp(person('viewer'), abort.signal)
  const samples = (await caller.samples({ relayIds: [3], sessions: true }))[Symbol.asyncIterator]()
  const first = samples.next()
  await vi.waitFor(() => expect(listeners.size).toBe(1))
  feed(1)
  expect((await first).value?.at).toBe(1)
  for (const at of [2, 3, 4]) feed(at)
  expect((await samples.next()).value?.at).toBe(4)
  expect(interests).toEqual([{ sessions: true, relayIds: [3] }])
  const last = samples.next()
  abort.abort()
  expect((await last).done).toBe(true)
  expect(listeners.size).toBe(0)
})

test('sessions are left out for a token that may not see them', async () => {
  const abort = new AbortController()
  const { caller, interests, listeners } = setUp({ kind: 'token', id: 't', name: 'ci', role: 'owner', scopes: ['relays:read'], ip: null }, abort.signal)
  const pending = (await caller.samples({ sessions: true }))[Symbol.asyncIterator]().next()
  await vi.waitFor(() => expect(listeners.size).toBe(1))
  expect(interests).toEqual([{ sessions: false }])
  abort.abort()
  await pending
})

test('what changed is named; one who signed out hears no more of it within a minute', async () => {
  vi.useFakeTimers()
  try {
    const { caller, bus, gone } = setUp(person('viewer'), new AbortController().signal)
    const changes = (await caller.changes())[Symbol.asyncIterator]()
    const first = changes.next()
    await vi.advanceTimersByTimeAsync(0)
    bus.publish('person.changed', { id: 'x' })
    expect((await first).value).toEqual({ topics: ['person.changed'] })
    gone.yes = true
    await vi.advanceTimersByTimeAsync(60_000)
    const second = changes.next()
    await vi.advanceTimersByTimeAsync(200)
    bus.publish('person.changed', { id: 'x' })
    await expect(second).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
  } finally {
    vi.useRealTimers()
  }
})

test('nobody gets anything', async () => {
  const { caller } = setUp(null, new AbortController().signal)
  await expect(caller.changes()).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
})
