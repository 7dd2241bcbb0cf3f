import fc from 'fast-check'
import { expect, test } from 'vitest'
import { connect } from '../db/connect.ts'
import { withTestDb } from '../db/testing.ts'
import { resolutions } from './resolution.ts'
import { delta, metricsRig, report } from './testing.ts'

const database = withTestDb()
/** A time that begins an hour. */
const start = 1_800_000_000_000 - (1_800_000_000_000 % 3_600_000)
let relays = 100
const newRelay = (): number => ++relays

async function totals(relayId: number): Promise<number[]> {
  return Promise.all(resolutions.map(async ({ table }) => {
    const [row] = await database.db.$queryRawUnsafe<{ sum: number | null }[]>(`SELECT sum(bytes_in)::float8 AS sum FROM ${table} WHERE relay_id = ${relayId}`)
    return row?.sum ?? 0
  }))
}

const sessionsOf = (relayId: number) => database.db.relaySession.findMany({ where: { relayId }, orderBy: { key: 'asc' } })

test('in any order, with repeats and losses, every series and session has exactly what came', async () => {
  const rig = await metricsRig(database.db, start)
  await fc.assert(fc.asyncProperty(
    fc.array(fc.record({ boot: fc.constantFrom('x', 'y'), sequence: fc.integer({ min: 1, max: 12 }) }), { maxLength: 40 }),
    fc.boolean(),
    async (arrivals, together) => {
      const relayId = newRelay()
      // The same (boot, sequence) is always the same report.
      const sent = arrivals.map(({ boot, sequence }) => report(sequence, {
        boot, at: start + sequence * 7000, intervalMs: 7000, bytesIn: sequence * 1000 + boot.charCodeAt(0),
        sessions: [delta(`s${sequence % 3}`, { bytesFromA: sequence, packetsFromA: 1 })],
      }))
      rig.time.now = start + 3_600_000
      if (together) await Promise.all(sent.map((one) => rig.take(relayId, one)))
      else for (const one of sent) await rig.take(relayId, one)
      const once = [...new Map(sent.map((one) => [`${one.boot} ${one.sequence}`, one])).values()]
      const bytes = once.reduce((sum, one) => sum + one.bytesIn, 0)
      expect(await totals(relayId)).toEqual(resolutions.map(() => bytes))
      const rows = await sessionsOf(relayId)
      for (const key of ['s0', 's1', 's2']) {
        const expected = once.filter((one) => one.sessions[0]?.key === key)
        const row = rows.find((one) => one.key === key)
        expect(Number(row?.bytesA ?? 0)).toBe(expected.reduce((sum, one) => sum + one.sequence, 0))
        expect(Number(row?.packetsA ?? 0)).toBe(expected.length)
      }
    },
  ), { numRuns: 25 })
  expect(rig.faults).toEqual([])
  await rig.metrics.dispose()
})

test('what comes in the very turn in which the last batch is done is taken too', async () => {
  const rig = await metricsRig(database.db, start)
  const relayId = newRelay()
  const both = [1, 2].map(async (offset) => {
    for (let n = 0; n < 10; n++) await rig.take(relayId, report(2 * n + offset, { bytesIn: 1 }))
  })
  await Promise.all(both)
  expect(await totals(relayId)).toEqual(resolutions.map(() => 20))
  await rig.metrics.dispose()
})

test('a session begins, carries and ends with its reason; late traffic still counts and does not reopen it', async () => {
  const rig = await metricsRig(database.db, start)
  const relayId = newRelay()
  await rig.take(relayId, report(1, { sessions: [delta('k', { a: 7, b: 8, openedAt: start - 5000, bytesFromA: 10 })] }))
  expect(rig.metrics.live.sessionCount(relayId)).toBe(1)
  expect(rig.heard).toContain('session.changed')
  rig.time.now += 10_000
  await rig.take(relayId, report(3, { ended: [{ key: 'k', at: rig.time.now - 1, reason: 'no grant lets node-7 use it' }] }))
  await rig.take(relayId, report(2, { sessions: [delta('k', { a: 7, b: 8, bytesFromB: 5 })] }))
  const [row] = await sessionsOf(relayId)
  expect(row).toMatchObject({
    aName: 'node-7', bName: 'node-8', relayName: `node-${relayId}`, openedAt: new Date(start - 5000), endedAt: new Date(rig.time.now - 1),
    reason: 'no grant lets node-7 use it', bytesA: 10n, bytesB: 5n,
  })
  expect(rig.metrics.live.sessionCount(relayId)).toBe(0)
  await rig.metrics.dispose()
})

test('packets larger than a way takes are added up by direction, whoever looks is told of the first, and an agent that tells none counts none', async () => {
  const rig = await metricsRig(database.db, start)
  const relayId = newRelay()
  await rig.take(relayId, report(1, { sessions: [delta('k')] }))
  expect(await sessionsOf(relayId)).toMatchObject([{ tooBigA: 0n, tooBigB: 0n }])
  rig.heard.length = 0
  await rig.take(relayId, report(2, { sessions: [delta('k', { tooBigFromA: 3 })] }))
  expect(rig.heard).toContain('session.changed')
  rig.heard.length = 0
  await Promise.all([rig.take(relayId, report(3, { sessions: [delta('k', { tooBigFromA: 4 })] })), rig.take(relayId, report(4, { sessions: [delta('k', { tooBigFromB: 1 })] }))])
  expect(await sessionsOf(relayId)).toMatchObject([{ tooBigA: 7n, tooBigB: 1n }])
  expect(rig.heard).not.toContain('session.changed')
  await rig.metrics.dispose()
})

test('an end that comes before its session is kept for it', async () => {
  const rig = await metricsRig(database.db, start)
  const relayId = newRelay()
  await rig.take(relayId, report(2, { ended: [{ key: 'k', at: start, reason: 'expired' }] }))
  await rig.take(relayId, report(1, { sessions: [delta('k')] }))
  expect(await sessionsOf(relayId)).toMatchObject([{ reason: 'expired' }])
  await rig.metrics.dispose()
})

test('after a relay’s restart what it no longer names has ended, and what it names goes on', async () => {
  const rig = await metricsRig(database.db, start)
  const relayId = newRelay()
  await rig.take(relayId, report(1, { boot: 'one', sessions: [delta('kept', { bytesFromA: 3 }), delta('lost')] }))
  rig.time.now += 60_000
  await rig.take(relayId, report(1, { boot: 'two', intervalMs: 1000, sessions: [delta('kept', { bytesFromA: 4 })] }))
  const rows = await sessionsOf(relayId)
  expect(rows).toMatchObject([{ key: 'kept', endedAt: null, bytesA: 7n }, { key: 'lost', reason: 'relay restarted', endedAt: new Date(start + 59_000) }])
  expect(rig.metrics.live.sessionCount(relayId)).toBe(1)
  await rig.metrics.dispose()
})

test('a control plane’s restart keeps what runs and counts nothing twice', async () => {
  const relayId = newRelay()
  const before = await metricsRig(database.db, start)
  const sent = report(1, { at: start, bytesIn: 100, sessions: [delta('k', { bytesFromA: 100 })] })
  await before.take(relayId, sent)
  await before.metrics.dispose()
  await expect(before.take(relayId, report(2))).rejects.toThrow(/cannot be taken/)
  const after = await metricsRig(database.db, start + 5000)
  await after.take(relayId, sent)
  expect(await totals(relayId)).toEqual([100, 100, 100, 100])
  expect(after.metrics.live.sessionCount(relayId)).toBe(1)
  await after.take(relayId, report(2, { intervalMs: 1000, sessions: [delta('k', { bytesFromA: 1 })] }))
  expect([...after.metrics.live.sessions().values()].find((one) => one.relayId === relayId)).toMatchObject({ bytesFromA: 101, bitsFromA: 8 })
  await after.metrics.dispose()
})

test('sessions of a removed relay end with its cause; those nobody mentions end in silence and come back when named', async () => {
  const rig = await metricsRig(database.db, start)
  const [removed, silent] = [newRelay(), newRelay()]
  await rig.take(removed, report(1, { sessions: [delta('k')] }))
  await rig.take(silent, report(1, { sessions: [delta('k')] }))
  rig.bus.publish('node.removed', { nodeId: removed, nodeKey: '', cause: 'removed by Ann' })
  await expect.poll(async () => (await sessionsOf(removed))[0]?.reason).toBe('removed by Ann')
  rig.time.now = start + 16 * 60_000
  await rig.metrics.tick()
  expect(await sessionsOf(silent)).toMatchObject([{ reason: 'no word from the relay' }])
  await rig.take(silent, report(2, { sessions: [delta('k', { bytesFromA: 1 })] }))
  expect(await sessionsOf(silent)).toMatchObject([{ reason: null, endedAt: null, bytesA: 1n }])
  await rig.metrics.dispose()
})

test('what a removed relay still had under way is not counted, neither anew nor again, and reopens nothing', async () => {
  const rig = await metricsRig(database.db, start)
  const relayId = newRelay()
  const sent = report(1, { bytesIn: 5, sessions: [delta('k')] })
  await rig.take(relayId, sent)
  await database.db.node.delete({ where: { id: relayId } })
  rig.bus.publish('node.removed', { nodeId: relayId, nodeKey: '', cause: 'removed by Ann' })
  await expect.poll(async () => (await sessionsOf(relayId))[0]?.reason).toBe('removed by Ann')
  await Promise.all([rig.take(relayId, sent), rig.take(relayId, report(2, { bytesIn: 7, sessions: [delta('k', { bytesFromA: 1 }), delta('l')] }))])
  expect(await totals(relayId)).toEqual(resolutions.map(() => 5))
  expect(await sessionsOf(relayId)).toMatchObject([{ key: 'k', reason: 'removed by Ann', bytesA: 0n }])
  expect(rig.metrics.live.sessionCount(relayId)).toBe(0)
  await rig.metrics.dispose()
})

test('steps keep drops by reason, the most sessions at once and how much is known', async () => {
  const rig = await metricsRig(database.db, start + 10_000)
  const relayId = newRelay()
  await rig.take(relayId, report(1, { intervalMs: 4000, at: start + 4000, drops: { short: 2 }, cpuMs: 1, sessions: [delta('a'), delta('b')] }))
  await rig.take(relayId, report(2, { intervalMs: 4000, at: start + 8000, drops: { short: 1, 'bad-mac': 5 }, cpuMs: 2, ended: [{ key: 'a', at: start + 5000, reason: 'x' }] }))
  const rows = await database.db.$queryRawUnsafe<unknown[]>(
    `SELECT extract(epoch FROM at)::float8 * 1000 AS at, drops, max_sessions, covered_ms, cpu_ms FROM relay_traffic_10s WHERE relay_id = ${relayId}`)
  expect(rows).toEqual([{ at: start, drops: { short: 3, 'bad-mac': 5 }, max_sessions: 2, covered_ms: 8000, cpu_ms: 3 }])
  await rig.metrics.dispose()
})

test('a database that goes away under traffic: what waits is taken when it is back, once', async () => {
  const rig = await metricsRig(database.db, start)
  const [relayId, count] = [newRelay(), 60]
  const admin = await connect(database.url)
  const sent = Array.from({ length: count }, (_, i) => report(i + 1, { at: start, bytesIn: 1, sessions: [delta('k', { bytesFromA: 1 })] }))
  const taken: Promise<void>[] = []
  for (const [i, one] of sent.entries()) {
    taken.push(rig.take(relayId, one))
    // The first also makes the node, which is the test's own and does not outlive its connection.
    if (i === 0) await taken[0]
    if (i % 10 !== 5) continue
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()')
  }
  await Promise.all(taken)
  await admin.end()
  expect(await totals(relayId)).toEqual(resolutions.map(() => count))
  expect([...rig.metrics.live.sessions().values()].filter((one) => one.relayId === relayId)).toMatchObject([{ bytesFromA: count }])
  expect(rig.faults.filter((line) => line.includes('given up'))).toEqual([])
  await rig.metrics.dispose()
})

test('what the database refuses is given up with a line in the log, and harms no other report', async () => {
  const rig = await metricsRig(database.db, start)
  const [good, bad] = [newRelay(), newRelay()]
  await database.db.$executeRawUnsafe(`ALTER TABLE "RelaySession" ADD CONSTRAINT refused CHECK ("relayId" <> ${bad})`)
  await Promise.all([rig.take(good, report(1, { bytesIn: 5 })), rig.take(bad, report(1, { sessions: [delta('k')] })), rig.take(good, report(2, { bytesIn: 6 }))])
  expect(await totals(good)).toEqual(resolutions.map(() => 11))
  expect(await totals(bad)).toEqual(resolutions.map(() => 0))
  expect(rig.faults.filter((line) => line.includes('a report was given up'))).toHaveLength(1)
  await rig.metrics.dispose()
})

test('history counts for its sessions alone: no step and no rate has it', async () => {
  const rig = await metricsRig(database.db, start)
  const relayId = newRelay()
  // Makes the node.
  await rig.take(relayId, report(1, { boot: 'a' }))
  const at = rig.time.now
  await rig.metrics.ingest(relayId, report(1, { boot: 'h', at, intervalMs: 1, bytesIn: 5, sessions: [delta('k', { bytesFromA: 10 ** 12 })] }), { arrivedAt: at, skewMs: 0, isHistory: true })
  expect(await totals(relayId)).toEqual(resolutions.map(() => 0))
  expect((await sessionsOf(relayId)).map(({ bytesA }) => bytesA)).toEqual([10n ** 12n])
  expect([...rig.metrics.live.sessions().values()].filter((one) => one.relayId === relayId)).toMatchObject([{ bitsFromA: 0, bytesFromA: 10 ** 12 }])
})
