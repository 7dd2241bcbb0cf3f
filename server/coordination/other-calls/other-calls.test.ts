import { afterEach, beforeEach, expect, test } from 'vitest'
import { withTestDb } from '../../db/testing.ts'
import { admitNode } from '../../services/node/admit.ts'
import { claimOf, emptyDb, testContext, type TestContext } from '../../services/testing.ts'
import { exchangeOf, type Answered } from '../questions/testing.ts'
import { otherCalls, type OtherCalls } from './other-calls.ts'

const database = withTestDb()
let ctx: TestContext
let route: OtherCalls
beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  route = otherCalls({ services: ctx })
})
afterEach(() => ctx.dispose())

async function call(method: string, path: string, body = '', machineKey = 'mkey:1'): Promise<Answered[]> {
  const { exchange, answers } = exchangeOf(path, body, { method, machineKey })
  await route(path, method)?.(exchange)
  return answers
}

const offeredNot = (what: string): Answered[] => [{ status: 501, body: `This server does not offer ${what}` }]

test.each([
  ['POST', '/machine/set-dns', 'certificates for machine names'],
  ['POST', '/machine/id-token', 'identity tokens'],
  ['PATCH', '/machine/set-device-attr', 'device attributes'],
  ['GET', '/machine/tka/bootstrap', 'tailnet lock'],
  ['GET', '/machine/tka/sync/offer', 'tailnet lock'],
  ['POST', '/machine/tka/init/begin', 'tailnet lock'],
  ['POST', '/machine/webclient/init/1/to/2', 'the web interface of clients'],
  ['POST', '/machine/webclient/wait/1/to/2/x', 'the web interface of clients'],
])('%s %s is not offered, and says so', async (method, path, what) => {
  expect(await call(method, path, '{}')).toEqual(offeredNot(what))
})

test('health of old clients is thrown away, and a client learns what it is taken for', async () => {
  expect(await call('POST', '/machine/update-health', '{"Subsys":"x"}')).toEqual([{ status: 204, body: undefined }])
  expect(await call('GET', '/machine/whoami')).toEqual([{ status: 200, body: 'mkey:1, version 142, from 192.0.2.9' }])
})

test.each([
  ['{"Feature":"funnel","NodeKey":"nodekey:1"}', 'Funnel is not available on this server'],
  ['{"Feature":"ser\\u0007ve <b>"}', 'Serve b is not available on this server'],
  ['{"Feature":7}', 'This is not available on this server'], ['nonsense', 'This is not available on this server'], ['null', 'This is not available on this server'],
])('a feature that is asked for, %s: %s', async (body, text) => {
  expect(await call('POST', '/machine/feature/query', body)).toEqual([{ status: 200, body: { Complete: false, Text: text } }])
})

test.each([
  ['GET', '/machine/set-dns'], ['POST', '/machine/whoami'], ['POST', '/machine/ssh/action/1/to/2'], ['GET', '/machine/later'], ['POST', '/machine/'], ['GET', 'constructor'],
])('%s %s is served by nobody', (method, path) => {
  expect(route(path, method)).toBeUndefined()
})

test('why somebody disconnected a client is in the audit trail, if the node is the caller’s', async () => {
  const claim = claimOf('laptop')
  await admitNode(ctx, claim)
  const entry = (nodeKey: string): string => JSON.stringify({ Version: 142, NodeKey: nodeKey, Action: 'DISCONNECT_NODE', Details: `a\u0000plane${'x'.repeat(600)}`, Timestamp: '2026-01-05T00:00:00Z' })
  expect(await call('POST', '/machine/audit-log', entry(claim.prove.nodeKey), claim.machineKey)).toEqual([{ status: 200, body: undefined }])
  const [event] = await database.db.auditEvent.findMany({ where: { action: 'machine.client-action' } })
  expect(event).toMatchObject({ actorKind: 'agent', actorName: 'laptop', targetName: 'laptop', ip: '192.0.2.9', after: { action: 'DISCONNECT_NODE', details: `aplane${'x'.repeat(494)}` } })

  await expect(call('POST', '/machine/audit-log', entry(claim.prove.nodeKey))).rejects.toMatchObject({ code: 'not-found', message: 'unknown node' })
  await expect(call('POST', '/machine/audit-log', entry(claimOf('other').prove.nodeKey), claim.machineKey)).rejects.toMatchObject({ code: 'not-found', message: 'unknown node' })
  await expect(call('POST', '/machine/audit-log', 'nonsense', claim.machineKey)).rejects.toMatchObject({ code: 'invalid' })
  expect(await database.db.auditEvent.count({ where: { action: 'machine.client-action' } })).toBe(1)
})

test('one machine fills no audit trail', async () => {
  const claim = claimOf('laptop')
  await admitNode(ctx, claim)
  const body = JSON.stringify({ NodeKey: claim.prove.nodeKey, Action: 'x' })
  for (let i = 0; i < 20; i++) await call('POST', '/machine/audit-log', body, claim.machineKey)
  await expect(call('POST', '/machine/audit-log', body, claim.machineKey)).rejects.toMatchObject({ code: 'rate-limited', details: { retryAfterSeconds: 3 } })
  await expect(call('POST', '/machine/audit-log', body, 'mkey:2')).rejects.toMatchObject({ code: 'not-found' })
  ctx.time.now += 3000
  expect(await call('POST', '/machine/audit-log', body, claim.machineKey)).toEqual([{ status: 200, body: undefined }])
})
