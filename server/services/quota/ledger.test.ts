import { beforeEach, expect, test } from 'vitest'
import { createMetrics } from '../../metrics/index.ts'
import { delta, report } from '../../metrics/testing.ts'
import { withTestDb } from '../../db/testing.ts'
import { emptyDb, testContext } from '../testing.ts'
import { createQuotaLedger, readQuotaUse } from './ledger.ts'

const database = withTestDb()
beforeEach(async () => {
  await emptyDb(database.db)
  await database.db.$executeRaw`TRUNCATE "QuotaUse", "ReportCursor"`
})

const mib = 1024 ** 2

/** The policy as it is at first, with these grants of relays to everybody; machines 1, 2 and 9, of which 9 relays. */
async function setUp(...values: readonly object[]) {
  const { db } = database
  await db.policyVersion.create({ data: { author: 'Ann', text: JSON.stringify({
    tagOwners: { 'tag:relay': [] },
    grants: values.map((value) => ({ src: ['*'], dst: ['tag:relay'], app: { 'tailscale.com/cap/relay': [value] } })),
  }) } })
  for (const [id, tags] of [[1, '{}'], [2, '{}'], [9, '{tag:relay}']] as const) {
    await db.$executeRaw`
      INSERT INTO "Node" (id, "stableId", kind, name, "machineKey", "nodeKey", "discoKey", ipv4, ipv6, "capVersion", endpoints, tags, hostname, os, version)
      SELECT ${id}::int, t, 'agent', t, t, t, t, '100.64.9.' || ${id}::int, 'fd7a:115c:a1e0::9' || ${id}::int, 130, '{}', ${tags}::text[], '', '', '' FROM (SELECT 'node-' || ${id}::int AS t) AS named`
  }
  const ctx = await testContext(db)
  const metrics = await createMetrics({ db, bus: ctx.bus, clock: ctx.clock, log: { warn() {}, error() {} }, names: ctx.network, quotas: createQuotaLedger(ctx) }, { startTimer: false })
  let sequence = 0
  return {
    ctx, metrics,
    /** The relay reports that a session carried this much, half of it each way; the same sequence is the same report. */
    carry: (bytes: number, again = ++sequence) => metrics.ingest(9, report(again, { at: ctx.clock.now(), sessions: [delta('s', { bytesFromA: bytes / 2, bytesFromB: bytes / 2 })] }), { arrivedAt: ctx.clock.now(), skewMs: 0 }),
    used: (): number[] => ctx.network.quotas.uses().map(({ used }) => used),
    events: async () => (await db.auditEvent.findMany({ orderBy: { id: 'asc' } })).map(({ action, targetName, after }) => [action, targetName, after]),
    async dispose() {
      await metrics.dispose()
      await ctx.dispose()
    },
  }
}

test('what sessions carry is charged once, also when a report comes again and after a restart', async () => {
  const first = await setUp({ quota: '10MiB/month' })
  await first.carry(mib)
  await first.carry(mib, 1)
  await first.carry(2 * mib)
  expect(first.used()).toEqual([3 * mib])
  await first.dispose()
  const again = await testContext(database.db)
  expect(again.network.quotas.uses()).toMatchObject([{ used: 3 * mib }])
  await again.dispose()
})

test('80 % and 100 % are told once each, and then nobody may use the relay', async () => {
  const { carry, used, events, ctx, dispose } = await setUp({ quota: '10MiB/month' })
  for (let n = 0; n < 12; n++) await carry(mib)
  expect(used()).toEqual([12 * mib])
  const after = { quota: '10 MiB', month: 'January' }
  expect(await events()).toEqual([['policy.quota-nearly-used', 'line 1', after], ['policy.quota-used-up', 'line 1', after]])
  expect(ctx.heard.filter((name) => name === 'audit.added')).toHaveLength(2)
  expect(ctx.network.view(9)?.serves).toEqual([])
  await dispose()
})

test('both marks at once are one event', async () => {
  const { carry, events, dispose } = await setUp({ quota: '1MiB/month' })
  await carry(4 * mib)
  expect((await events()).map(([action]) => action)).toEqual(['policy.quota-used-up'])
  await dispose()
})

test('the first grant with room pays, then the next; nobody while one has no quota', async () => {
  const two = await setUp({ quota: '2MiB/month' }, { quota: '5MiB/month', prefer: 1 })
  for (let n = 0; n < 4; n++) await two.carry(mib)
  expect(two.used()).toEqual([2 * mib, 2 * mib])
  await two.dispose()
  await emptyDb(database.db)
  await database.db.$executeRaw`TRUNCATE "QuotaUse", "ReportCursor"`
  const free = await setUp({ quota: '2MiB/month' }, {})
  await free.carry(mib)
  expect(free.used()).toEqual([0])
  await free.dispose()
})

test('a new month begins at nothing, and keeps the old one’s amount', async () => {
  const { carry, used, ctx, dispose } = await setUp({ quota: '2MiB/month' })
  await carry(2 * mib)
  ctx.time.now = Date.UTC(2026, 1, 1)
  await carry(mib)
  expect(used()).toEqual([mib])
  expect([...(await readQuotaUse(database.db, '2026-01')).values()]).toEqual([2 * mib])
  expect(ctx.network.view(9)?.serves).toEqual([1, 2])
  await dispose()
})

test('amounts are kept for thirteen months', async () => {
  const { metrics, ctx, dispose } = await setUp({})
  await database.db.$executeRaw`INSERT INTO "QuotaUse" (key, month, bytes) VALUES ('a', '2024-12', 1), ('a', '2025-01', 1), ('a', '2026-01', 1)`
  ctx.time.now += 120_000
  await metrics.tick()
  const rows = await database.db.$queryRaw<{ month: string }[]>`SELECT month FROM "QuotaUse" ORDER BY month`
  expect(rows.map(({ month }) => month)).toEqual(['2025-01', '2026-01'])
  await dispose()
})
