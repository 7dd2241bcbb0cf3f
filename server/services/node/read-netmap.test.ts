import { afterEach, beforeEach, expect, test } from 'vitest'
import { hostinfoSchema } from '../../../protocol/tailcfg/index.ts'
import { withTestDb } from '../../db/testing.ts'
import type { C2nAnswer, C2nRequest } from '../questions.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { admitNode } from './admit.ts'
import { joinClient } from './join-client.ts'
import { readClientNetmap } from './read-netmap.ts'

const database = withTestDb()
const key = (kind: string, digit: string): string => `${kind}:${digit.repeat(64)}`
let ctx: TestContext
let id: number
let asked: C2nRequest[]
const ann = person('owner')

beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  const claim = { machineKey: key('mkey', '1'), nodeKey: key('nodekey', '2'), capVersion: 142, hostinfo: hostinfoSchema.parse({ Hostname: 'laptop' }), ephemeral: false, ip: '192.0.2.1' }
  const { record } = await database.db.$transaction((tx) => joinClient(ctx, tx, () => {}, claim, { tags: [], ownerId: null, personId: null, ephemeral: false, authorized: true }))
  id = record.id
  asked = []
})
afterEach(() => ctx.dispose())

function answering(status: number, body: string) {
  const c2n = async (_: number, request: C2nRequest): Promise<C2nAnswer> => {
    asked.push(request)
    return { status, headers: new Map(), body }
  }
  return { ...ctx, questions: { ...ctx.questions, c2n } }
}

test('is what the client answers, and in the audit trail', async () => {
  expect(await readClientNetmap(answering(200, '{"current":{"Domain":"towpath.internal"}}'), ann, { id })).toEqual({ current: { Domain: 'towpath.internal' } })
  expect(asked).toMatchObject([{ method: 'GET', path: '/debug/netmap' }])
  expect(await database.db.auditEvent.findFirst({ orderBy: { id: 'desc' } })).toMatchObject({ action: 'machine.read-netmap', targetName: 'laptop', actorName: ann.name })
})

test('an answer that is none, an agent, a viewer and a machine that is not there are refused', async () => {
  await expect(readClientNetmap(answering(200, 'no'), ann, { id })).rejects.toMatchObject({ code: 'unavailable' })
  await expect(readClientNetmap(answering(400, 'unknown c2n path'), ann, { id })).rejects.toMatchObject({ code: 'unavailable' })
  asked = []
  await expect(readClientNetmap(answering(200, '{}'), ann, { id: (await admitNode(ctx, claimOf('lock-1'))).id })).rejects.toMatchObject({ code: 'invalid' })
  await expect(readClientNetmap(answering(200, '{}'), person('viewer'), { id })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(readClientNetmap(answering(200, '{}'), ann, { id: 999 })).rejects.toMatchObject({ code: 'not-found' })
  expect(asked).toEqual([])
})
