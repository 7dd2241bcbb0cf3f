import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashSecret } from './db/secrets.ts'
import { withTestDb } from './db/testing.ts'
import { ensureLocalKeys, keepLocalKeys } from './local-keys.ts'
import type { Log } from './log.ts'
import { admitNode } from './services/node/admit.ts'
import { removeMachine } from './services/node/remove.ts'
import { claimOf, person, testContext, type TestContext } from './services/testing.ts'

const database = withTestDb()
let context: TestContext
let data: string

beforeAll(async () => {
  context = await testContext(database.db)
  data = mkdtempSync(path.join(tmpdir(), 'towpath-keys-'))
})
afterAll(() => {
  context?.dispose()
  rmSync(data, { recursive: true, force: true })
})

const file = (name: string): string => path.join(data, 'keys', name)
const key = (name: string): string => readFileSync(file(name), 'utf8').trim()
const both = () => [key('agent.key'), key('simulate.key')]
const row = (name: string) => database.db.authKey.findUniqueOrThrow({ where: { hash: hashSecret(key(name)) } })

test('two keys are left, for their owner alone, and stay while they work', async () => {
  await ensureLocalKeys(context, data)
  const first = both()
  expect(await row('agent.key')).toMatchObject({ description: 'This machine’s relay', tags: ['tag:relay'], reusable: false, ephemeral: false })
  expect(await row('simulate.key')).toMatchObject({ tags: ['tag:simulated'], reusable: true, ephemeral: true })
  expect(statSync(file('agent.key')).mode & 0o777).toBe(0o600)
  await ensureLocalKeys(context, data)
  expect(both()).toEqual(first)
})

test('one that is used up is made anew; the reusable one stays; one that was revoked stays revoked', async () => {
  const before = both()
  for (const name of ['agent.key', 'simulate.key']) await database.db.authKey.update({ where: { id: (await row(name)).id }, data: { uses: 1 } })
  await ensureLocalKeys(context, data)
  expect(key('agent.key')).not.toBe(before[0])
  expect(await row('agent.key')).toMatchObject({ description: 'For this machine’s relay to join again', tags: ['tag:relay'], uses: 0 })
  expect(key('simulate.key')).toBe(before[1])
  const now = both()
  await database.db.authKey.update({ where: { id: (await row('agent.key')).id }, data: { revokedAt: new Date() } })
  await ensureLocalKeys(context, data)
  expect(both()).toEqual(now)
})

test('one that ends within a day is made anew', async () => {
  const before = key('simulate.key')
  await database.db.authKey.update({ where: { id: (await row('simulate.key')).id }, data: { expiresAt: new Date(context.clock.now() + 3_600_000) } })
  await ensureLocalKeys(context, data)
  expect(key('simulate.key')).not.toBe(before)
})

test('once it has stopped nothing is under way, and nothing begins', async () => {
  // All that is asked of it.
  const log = { warn() {} } as unknown as Log
  const stop = await keepLocalKeys(context, data, log)
  await database.db.authKey.update({ where: { id: (await row('agent.key')).id }, data: { uses: 1, revokedAt: null } })
  const before = key('agent.key')
  context.bus.publish('auth-key.changed', { id: '1' })
  await stop()
  const after = key('agent.key')
  expect(after).not.toBe(before)
  await database.db.authKey.update({ where: { id: (await row('agent.key')).id }, data: { uses: 1 } })
  context.bus.publish('auth-key.changed', { id: '1' })
  await stop()
  expect(key('agent.key')).toBe(after)
})

test('a machine that was removed is given no other key, until the file is removed', async () => {
  rmSync(file('agent.key'))
  await ensureLocalKeys(context, data)
  const used = key('agent.key')
  const { id } = await admitNode(context, claimOf('here', { authKey: used }))
  await ensureLocalKeys(context, data)
  const next = key('agent.key')
  expect(next).not.toBe(used)
  expect(await row('agent.key')).toMatchObject({ description: 'For this machine’s relay to join again' })
  await context.network.settled()
  await removeMachine(context, person('admin'), { id })
  await database.db.authKey.update({ where: { id: (await row('agent.key')).id }, data: { expiresAt: new Date(context.clock.now()) } })
  await ensureLocalKeys(context, data)
  expect(key('agent.key')).toBe(next)
  rmSync(file('agent.key'))
  await ensureLocalKeys(context, data)
  expect(key('agent.key')).not.toBe(next)
})
