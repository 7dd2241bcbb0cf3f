import { expect, test } from 'vitest'
import { withTestDb } from '../db/testing.ts'
import { keepPartitions, Partitions } from './partitions.ts'
import { resolutions } from './resolution.ts'
import { keepRetention } from './upkeep.ts'

const database = withTestDb()
const day = 24 * 3_600_000
const start = Date.UTC(2027, 0, 15, 12)

const ofTable = (names: readonly string[], table: string): string[] => names.filter((name) => name.startsWith(`${table}_`))

test('partitions are made ahead once, and dropped when all that they hold is beyond retention', async () => {
  const { made } = await keepPartitions(database.db, start)
  expect(resolutions.map(({ table }) => ofTable(made, table).length)).toEqual([5, 10, 9, 11])
  expect(await keepPartitions(database.db, start)).toEqual({ made: [], dropped: [] })
  const nextDay = await keepPartitions(database.db, start + day)
  expect(ofTable(nextDay.made, 'relay_traffic_10s')).toHaveLength(1)
  expect(ofTable(nextDay.dropped, 'relay_traffic_10s')).toEqual([`relay_traffic_10s_${Date.UTC(2027, 0, 13) / 1000}`])
})

test('what is kept is still there, what is not is gone', async () => {
  const { db } = database
  const now = start + 3 * day
  await keepPartitions(db, now)
  const insert = (table: string, at: number) => db.$executeRawUnsafe(
    `INSERT INTO ${table} SELECT 1, to_timestamp(${at / 1000}), 1, 1, 1, 1, 1, 1, 1`)
  for (const { table } of resolutions) await insert(table, now)
  const left = async (): Promise<number[]> => Promise.all(resolutions.map(async ({ table }) => {
    const [row] = await db.$queryRawUnsafe<{ count: number }[]>(`SELECT count(*)::int AS count FROM ${table}`)
    return row?.count ?? -1
  }))
  const after = async (days: number): Promise<number[]> => {
    await keepPartitions(db, now + days * day)
    return left()
  }
  expect(await after(2)).toEqual([1, 1, 1, 1])
  expect(await after(4)).toEqual([0, 1, 1, 1])
  expect(await after(17)).toEqual([0, 0, 1, 1])
  expect(await after(110)).toEqual([0, 0, 0, 1])
  expect(await after(830)).toEqual([0, 0, 0, 0])
})

test('a clock that jumps finds its partitions; old sessions and cursors go', async () => {
  const { db } = database
  const partitions = new Partitions(db)
  const now = start + 5000 * day
  await partitions.cover(now)
  await partitions.cover(now + 400 * day)
  await db.$executeRaw`INSERT INTO relay_traffic_10s SELECT 1, to_timestamp(${(now + 400 * day) / 1000}::float8), 1, 1, 1, 1, 1, 1, 1`
  const session = { relayId: 1, vni: 1, aId: 1, bId: 2, aName: 'a', bName: 'b', relayName: 'r', openedAt: new Date(now), lastSeen: new Date(now) }
  await db.relaySession.createMany({ data: [{ ...session, key: 'old', endedAt: new Date(now) }, { ...session, key: 'open' }] })
  await db.reportCursor.create({ data: { nodeId: 1, boot: 'b', sequence: 1, at: new Date(now) } })
  await keepRetention(db, partitions, now + 89 * day)
  expect(await db.relaySession.count()).toBe(2)
  await keepRetention(db, partitions, now + 91 * day)
  expect(await db.relaySession.findMany()).toMatchObject([{ key: 'open' }])
  expect(await db.reportCursor.count()).toBe(0)
})
