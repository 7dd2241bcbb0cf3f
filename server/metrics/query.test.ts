import { expect, test } from 'vitest'
import { withTestDb } from '../db/testing.ts'
import { delta, metricsRig, report } from './testing.ts'

const database = withTestDb()
const start = Date.UTC(2027, 0, 15, 12)
const minute = 60_000

test('a graph has rates where reports speak, and a gap where none do', async () => {
  const rig = await metricsRig(database.db, start)
  const take = (sequence: number, endsAt: number, bytesIn: number): Promise<void> => {
    rig.time.now = endsAt
    return rig.take(1, report(sequence, { at: endsAt, bytesIn, bytesOut: bytesIn * 2, packetsIn: 100, cpuMs: 5000, drops: { short: 10 }, sessions: sequence === 1 ? [delta('k')] : [] }))
  }
  await take(1, start + 10_000, 10_000)
  // Silence for 20 s.
  await take(2, start + 40_000, 20_000)
  rig.time.now = start + 44_000
  const { points, stepMs, from, to } = await rig.metrics.queries.relayThroughput(1, '15m')
  expect({ stepMs, from, to }).toEqual({ stepMs: 10_000, from: start + 40_000 - 15 * minute, to: start + 44_000 })
  const seen = points.filter(({ at }) => at >= start)
  expect(seen.map(({ at, bitsIn }) => [at - start, bitsIn])).toEqual([[0, 8000], [10_000, null], [20_000, null], [30_000, 16_000]])
  expect(seen[0]).toMatchObject({ bitsOut: 16_000, packetsIn: 10, sessions: 1, cpu: 0.5, dropsPerSecond: 1 })
  expect(points.length).toBeLessThanOrEqual(91)
  // The step under way is not a gap before a report had time to come; later it is.
  rig.time.now = start + 70_000
  expect((await rig.metrics.queries.relayThroughput(1, '15m')).points.at(-1)).toMatchObject({ at: start + 40_000, bitsIn: null })
  await rig.metrics.dispose()
})

test('each range has at most 400 points, and the same traffic in all of them', async () => {
  const rig = await metricsRig(database.db, start + 20 * minute)
  await rig.take(3, report(1, { intervalMs: 15 * minute, at: start + 20 * minute, bytesIn: 900_000 }))
  rig.time.now += 1000
  for (const range of ['15m', '1h', '24h'] as const) {
    const { points, stepMs } = await rig.metrics.queries.relayThroughput(3, range)
    expect(points.length).toBeLessThanOrEqual(400)
    const bytes = points.reduce((sum, { bitsIn }) => sum + ((bitsIn ?? 0) / 8) * (stepMs / 1000), 0)
    expect(bytes).toBeCloseTo(900_000, -1)
  }
  await rig.metrics.dispose()
})

test('the network’s graph sums what relays forwarded, with the DERP beside them', async () => {
  const rig = await metricsRig(database.db, start + 60 * minute)
  const now = rig.time.now
  for (const relayId of [11, 12]) await rig.take(relayId, report(1, { at: now, bytesIn: 9000, bytesOut: 5000 }))
  for (let second = 0; second < 10; second++) {
    rig.time.now += 1000
    rig.metrics.recordDerp({ bytes: 125, pairs: [{ a: 9, b: 4, bytesFromA: 100, bytesFromB: 25 }] })
    await rig.metrics.tick()
  }
  await expect.poll(async () => (await rig.metrics.queries.networkThroughput('15m')).points.slice(-2)).toEqual([
    { at: now - 10_000, relayBits: 8000, derpBits: null }, { at: now, relayBits: null, derpBits: 1000 },
  ])
  expect(rig.metrics.live.derpRate()).toBe(1000)
  expect(rig.metrics.live.derpPairs()).toEqual([{ a: 4, b: 9, rateFromA: 200, rateFromB: 800 }])
  rig.time.now += 10_000
  expect(rig.metrics.live.derpRate()).toBe(0)
  expect(rig.metrics.live.derpPairs()).toEqual([])
  await rig.metrics.dispose()
})

test('the last hour: sparkline, drops by reason, peak, sessions then', async () => {
  const rig = await metricsRig(database.db, start + 200 * minute)
  await database.db.relaySession.deleteMany()
  expect(await rig.metrics.queries.sessionsHourAgo()).toBeNull()
  expect(await rig.metrics.queries.peakLastHour()).toBeNull()
  const now = rig.time.now
  await rig.take(21, report(1, { at: now - 60_000, bytesIn: 9000, bytesOut: 1000, packetsIn: 50, drops: { short: 1, 'bad-mac': 3 }, sessions: [delta('k', { openedAt: now - 90 * minute })] }))
  await rig.take(22, report(1, { at: now, bytesIn: 90_000, bytesOut: 40_000, packetsIn: 7 }))
  const line = (await rig.metrics.queries.sparklines([21])).get(21) ?? []
  expect(line).toHaveLength(30)
  expect(line.filter((value) => value !== null)).toEqual([800])
  const drops = await rig.metrics.queries.dropsLastHour()
  expect(drops.get(21)).toEqual({ byReason: [{ reason: 'bad-mac', count: 3 }, { reason: 'short', count: 1 }], drops: 4, packets: 50 })
  expect(drops.get(22)).toEqual({ byReason: [], drops: 0, packets: 7 })
  expect(await rig.metrics.queries.peakLastHour()).toEqual({ rate: 32_000, at: new Date(now - 10_000) })
  rig.time.now = now + 60 * minute
  expect(await rig.metrics.queries.sessionsHourAgo()).toBe(1)
  await rig.metrics.dispose()
})

test('marks: switched on and off, agents away for longer than a reconnection takes', async () => {
  const rig = await metricsRig(database.db, start + 400 * minute)
  const now = rig.time.now
  const event = { actorKind: 'user', actorId: '1', actorName: 'Ann', action: 'relay.set-advertised', targetKind: 'relay', targetName: 'lock-1' }
  await database.db.auditEvent.createMany({ data: [
    { ...event, at: new Date(now), targetId: '31', after: { advertised: true } },
    { ...event, at: new Date(now), targetId: '32', after: { advertised: false } },
  ] })
  const presence = (online: boolean): void => rig.bus.publish('node.presence', { nodeId: 31, online })
  presence(false)
  await rig.pass(3000)
  presence(true)
  await rig.pass(7000)
  presence(false)
  await rig.pass(60_000)
  presence(true)
  const marks = [
    { at: now, on: true, text: 'Turned on by Ann' }, { at: now + 10_000, on: false, text: 'Agent away' }, { at: now + 70_000, on: true, text: 'Agent back' },
  ]
  await expect.poll(async () => (await rig.metrics.queries.relayThroughput(31, '15m')).marks).toEqual(marks)
  expect((await rig.metrics.queries.networkThroughput('15m')).marks.map(({ text }) => text)).toEqual(
    expect.arrayContaining(['node-31: turned on by Ann', 'node-32: turned off by Ann', 'node-31: agent away']))
  expect(rig.faults).toEqual([])
  await rig.metrics.dispose()
})
