import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ClientReport } from '../../services/node/report-client.ts'
import { Reports } from './reports.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

/** Writes that end when they are told to. */
function world() {
  const written: [number, ClientReport][] = []
  const ends: (() => void)[] = []
  const reports = new Reports({
    clock: { now: () => Date.now() },
    write: (nodeId, report) => {
      written.push([nodeId, report])
      return new Promise((resolve) => { ends.push(resolve) })
    },
  })
  const end = async (): Promise<void> => {
    ends.shift()?.()
    await vi.advanceTimersByTimeAsync(0)
  }
  return { reports, written, end }
}

test('what comes while the last is being written is written together, the newest of each', async () => {
  const { reports, written, end } = world()
  const done: number[] = []
  for (const [i, report] of [{ capVersion: 1 }, { endpoints: ['a'], capVersion: 2 }, { discoKey: 'd' }, { endpoints: ['b'] }].entries()) void reports.take(7, report).then(() => done.push(i))
  void reports.take(8, { capVersion: 9 })
  expect(written).toEqual([[7, { capVersion: 1 }], [8, { capVersion: 9 }]])
  await end()
  expect(done).toEqual([0])
  expect(written[2]).toEqual([7, { endpoints: ['b'], capVersion: 2, discoKey: 'd' }])
  await end()
  await end()
  expect(done).toEqual([0, 1, 2, 3])
})

test('beyond thirty a minute a node waits, and nothing of it is lost; what is urgent does not wait', async () => {
  const { reports, written, end } = world()
  for (let i = 0; i < 30; i++) {
    void reports.take(7, { capVersion: i })
    await end()
  }
  expect(written).toHaveLength(30)
  let isDone = false
  void reports.take(7, { endpoints: ['a'] })
  void reports.take(7, { endpoints: ['b'] }).then(() => { isDone = true })
  await end()
  expect(written).toHaveLength(30)
  void reports.take(7, { discoKey: 'd' }, { urgent: true })
  expect(written).toHaveLength(31)
  expect(written[30]).toEqual([7, { endpoints: ['b'], discoKey: 'd' }])
  await end()
  expect(isDone).toBe(true)
  void reports.take(7, { endpoints: ['c'] })
  expect(written).toHaveLength(31)
  await vi.advanceTimersByTimeAsync(2000)
  expect(written).toHaveLength(32)
  await end()
  reports.dispose()
})

test('what is urgent does not wait for the rate behind one that is being written either', async () => {
  const { reports, written, end } = world()
  for (let i = 0; i < 29; i++) {
    void reports.take(7, { capVersion: i })
    await end()
  }
  void reports.take(7, { capVersion: 29 })
  void reports.take(7, { discoKey: 'd' }, { urgent: true })
  await end()
  expect(written[30]).toEqual([7, { discoKey: 'd' }])
  void reports.take(7, { endpoints: ['a'] })
  await end()
  expect(written).toHaveLength(31)
  reports.dispose()
})

test('a request that was cancelled before it was written is forgotten', async () => {
  const { reports, written, end } = world()
  const cancel = new AbortController()
  void reports.take(7, { capVersion: 1 })
  const second = reports.take(7, { capVersion: 2 }, { signal: cancel.signal })
  cancel.abort()
  await second
  await end()
  expect(written).toHaveLength(1)
})

test('what fails is told to whom it concerns, and the next is written', async () => {
  let isBroken = true
  const reports = new Reports({ clock: { now: () => Date.now() }, write: async () => { if (isBroken) throw new Error('the database is away') } })
  await expect(reports.take(7, { capVersion: 1 })).rejects.toThrow('away')
  isBroken = false
  await reports.take(7, { capVersion: 2 })
})
