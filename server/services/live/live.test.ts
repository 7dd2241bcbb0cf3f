import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBus } from '../../bus/index.ts'
import { changeBatches } from './changes.ts'
import { Newest } from './newest.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a slow reader gets the newest, and what lay between is gone', async () => {
  const abort = new AbortController()
  const box = new Newest<number>(abort.signal)
  const read = box[Symbol.asyncIterator]()
  const first = read.next()
  box.put(1)
  expect((await first).value).toBe(1)
  for (const value of [2, 3, 4]) box.put(value)
  expect((await read.next()).value).toBe(4)
  const last = read.next()
  abort.abort()
  expect(await last).toEqual({ value: undefined, done: true })
})

test('changes come at once after a pause, then at most five times a second, each name once', async () => {
  const bus = createBus((error) => { throw error })
  const abort = new AbortController()
  const batches: string[][] = []
  const reading = (async () => {
    for await (const topics of changeBatches(bus, abort.signal)) batches.push(topics)
  })()
  await vi.advanceTimersByTimeAsync(0)
  bus.publish('audit.added', { id: '1' })
  await vi.advanceTimersByTimeAsync(0)
  expect(batches).toEqual([['audit.added']])
  for (let i = 0; i < 100; i++) {
    bus.publish('node.changed', { nodeId: i, cause: '' })
    bus.publish('audit.added', { id: String(i) })
  }
  await vi.advanceTimersByTimeAsync(199)
  expect(batches).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(batches).toEqual([['audit.added'], ['node.changed', 'audit.added']])
  abort.abort()
  await reading
  bus.publish('audit.added', { id: '3' })
  await vi.advanceTimersByTimeAsync(1000)
  expect(batches).toHaveLength(2)
})
