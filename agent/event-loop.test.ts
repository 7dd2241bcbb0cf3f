import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createTestClient, seededBytes } from '../tests/simulation/client.ts'
import { allocatePairs } from '../tests/agent/rig.ts'
import { encodeBindingResponse } from '../protocol/stun/binding.ts'
import type { DataPlane } from './dataplane/index.ts'
import { createEventLoop } from './event-loop.ts'
import { createRelay, defaultLimits, type SavedRelay } from './relay/index.ts'

beforeEach(() => vi.useFakeTimers({ now: 1_700_000_000_000 }))
afterEach(() => vi.useRealTimers())

const [a, b] = [2, 3].map((id) => createTestClient(id, `c${id}`, seededBytes(id)))
if (!a || !b) throw new Error('no clients')
const pair = [a, b] as const

/** A loop around a real core, on a plane that only remembers. */
function rig(restored?: SavedRelay) {
  const told: string[] = []
  const derp: Uint8Array[] = []
  const saves: number[] = []
  const state = { saveTakesMs: 0, saveFails: false }
  const plane: DataPlane = {
    name: 'none', state: { state: 'stopped' }, start: () => Promise.resolve({ state: 'stopped' }),
    apply: ({ type, vni }) => void told.push(`${type} ${vni}`), readActivity: () => [], readCounters: () => [],
    totals: () => ({ packetsIn: 0, bytesIn: 0, packetsOut: 0, bytesOut: 0, congestionDrops: 0, kernelDrops: 0, controlDrops: 0, rateDrops: 0, shareDrops: 0, tooBig: 0, socketErrors: 0 }),
    sendControl: () => void told.push('sendControl'), close: () => Promise.resolve(),
  }
  const relay = createRelay({
    randomBytes: seededBytes(1), now: Date.now(), saved: restored,
    config: { enabled: true, nodes: pair.map(({ node }) => node), mayAllocate: [2], addresses: [{ ip: '192.0.2.1', port: 1 }], limits: defaultLimits },
  })
  const loop = createEventLoop({
    relay, plane, clock: { now: () => Date.now() },
    sendDerp: (_to, bytes) => void derp.push(bytes),
    onStun: () => void told.push('stun'),
    onOpened: () => void told.push('opened'),
    onEnded: (_session, reason) => void told.push(reason),
    save() {
      if (state.saveFails) throw new Error('disk full')
      vi.setSystemTime(Date.now() + state.saveTakesMs)
      saves.push(Date.now())
    },
    onSaveError: () => void told.push('save-error'),
    onTick: () => undefined,
  })
  const allocate = () => loop.derpPacket(pair[0].nodeKey, pair[0].request(relay.nodeDiscoKey, pair[1]))
  return { told, derp, saves, state, relay, loop, allocate }
}

test('answers over DERP, tells STUN apart, and saves what changed once for a burst, 20 ms later', () => {
  const { told, derp, saves, loop, allocate } = rig()
  loop.start()
  allocate()
  allocate()
  loop.datagram({ ip: '192.0.2.9', port: 3478 }, encodeBindingResponse({ transactionId: new Uint8Array(12), address: { ip: '192.0.2.1', port: 1 } }))
  expect(derp).toHaveLength(2)
  expect(told).toEqual(['stun'])
  expect(saves).toHaveLength(1)
  vi.advanceTimersByTime(20)
  expect(saves).toHaveLength(2)
  vi.advanceTimersByTime(1000)
  expect(saves).toHaveLength(2)
  loop.close()
})

test('a state that takes long to write is written seldom', () => {
  const { saves, state, loop, allocate } = rig()
  state.saveTakesMs = 50
  loop.start()
  allocate()
  vi.advanceTimersByTime(999)
  expect(saves).toHaveLength(1)
  vi.advanceTimersByTime(1)
  expect(saves).toHaveLength(2)
  loop.close()
})

test('a bind after a quiet time is saved at once, however long the last write took: kill -9 must not lose it', () => {
  const { saves, state, loop, allocate } = rig()
  state.saveTakesMs = 50
  loop.start()
  vi.advanceTimersByTime(2000)
  allocate()
  vi.advanceTimersByTime(20)
  expect(saves).toHaveLength(2)
  loop.close()
})

test('a full disk is told, and tried again with the next change; closing saves', () => {
  const { told, saves, state, loop, allocate } = rig()
  loop.start()
  state.saveFails = true
  allocate()
  vi.advanceTimersByTime(100)
  expect(told).toEqual(['save-error'])
  state.saveFails = false
  allocate()
  vi.advanceTimersByTime(100)
  expect(saves).toHaveLength(2)
  loop.close()
  expect(saves).toHaveLength(3)
})

test('what a restored state asks for is executed at the start', () => {
  const { relay } = allocatePairs(new Uint8Array(32).fill(4), pair)
  const saved = relay.saved()
  const [first] = saved.allocations
  if (!first) throw new Error('no allocation')
  const [legA, legB] = first.legs
  const legs: typeof first.legs = [{ ...legA, bound: '192.0.2.1:5000' }, { ...legB, bound: '192.0.2.2:5000' }]
  const { told, loop } = rig({ ...saved, allocations: [{ ...first, openedAt: Date.now(), legs }] })
  loop.start()
  expect(told).toEqual(['bindForward 1', 'bindForward 1'])
  loop.close()
})
