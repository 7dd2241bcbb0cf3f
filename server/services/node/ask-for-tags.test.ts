import { afterEach, beforeEach, expect, test } from 'vitest'
import { hostinfoSchema, registerRequestSchema } from '../../../protocol/tailcfg/index.ts'
import { withTestDb } from '../../db/testing.ts'
import { createAuthKey } from '../auth-key/create.ts'
import { savePolicy } from '../policy/save.ts'
import { emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { expireKey } from './expire-key.ts'
import { registerClient } from './register.ts'
import { reportClient } from './report-client.ts'

const database = withTestDb()
const ann = person('admin')
const machine = { machineKey: `mkey:${'1'.repeat(64)}`, ip: '198.51.100.7' }
const nodeKey = `nodekey:${'2'.repeat(64)}`
let ctx: TestContext

beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  await database.db.user.create({ data: { name: 'Ann', email: ann.email, role: 'admin' } })
  const { id } = await database.db.policyVersion.findFirstOrThrow({ orderBy: { id: 'desc' } })
  await savePolicy(ctx, ann, {
    text: '{ "tagOwners": { "tag:a": [], "tag:b": ["tag:a"], "tag:c": ["tag:b"], "tag:d": ["ann@example.com", "tag:d"], "tag:e": ["tag:f"], "tag:f": ["tag:e"] }, "grants": [] }', expectedVersion: id,
  })
})
afterEach(() => ctx.dispose())

const row = () => database.db.node.findUniqueOrThrow({ where: { nodeKey } })

/** A client that is in, with the tags of its key. */
async function join(tags: readonly string[]): Promise<void> {
  const { key } = await createAuthKey(ctx, ann, { tags: [...tags] })
  await registerClient(ctx, machine, registerRequestSchema.parse({ Version: 142, NodeKey: nodeKey, Auth: { AuthKey: key } }))
}
/** `tailscale set --advertise-tags`. */
const ask = async (RequestTags: readonly string[]) => reportClient(ctx, (await row()).id, { hostinfo: hostinfoSchema.parse({ RequestTags }) })

test('a client gets the tags that its person may give, and keeps them when it asks for none', async () => {
  await join([])
  await database.db.user.update({ where: { email: ann.email }, data: { role: 'viewer' } })
  await ask(['tag:d'])
  expect(await row()).toMatchObject({ tags: ['tag:d'], keyExpiry: null })
  expect(ctx.network.nodeByKey(nodeKey)?.tags).toEqual(['tag:d'])
  await ask([])
  expect((await row()).tags).toEqual(['tag:d'])
})

test('it gets those that its own tags own, and theirs', async () => {
  await join(['tag:a'])
  await ask(['tag:c', 'tag:a'])
  expect(await row()).toMatchObject({ tags: ['tag:a', 'tag:c'], keyExpiry: null })
})

test('a key gives its own tags, and those that they own to a client that asks for them', async () => {
  const joined = async (key: string, RequestTags: string[], nodeKeyDigit: string) =>
    registerClient(ctx, { ...machine, machineKey: `mkey:${nodeKeyDigit.repeat(64)}` }, registerRequestSchema.parse({ Version: 142, NodeKey: `nodekey:${nodeKeyDigit.repeat(64)}`, Auth: { AuthKey: key }, Hostinfo: { RequestTags } }))
  const { key } = await createAuthKey(ctx, ann, { tags: ['tag:a'], reusable: true })
  expect([(await joined(key, [], '3')).type, (await joined(key, ['tag:c'], '4')).type]).toEqual(['admitted', 'admitted'])
  expect((await database.db.node.findMany({ orderBy: { id: 'asc' } })).map(({ tags }) => tags)).toEqual([['tag:a'], ['tag:c']])
  expect(await joined(key, ['tag:e'], '5')).toMatchObject({ type: 'refused', text: 'requested tags [tag:e] are invalid or not permitted' })
})

test.each([[[], ['tag:a']], [[], ['tag:d', 'tag:a']], [[], ['tag:nope']], [['tag:a'], ['tag:e']], [['tag:c'], ['tag:a']]])('with %j it has to be let in anew for %j', async (own, tags) => {
  await join(own)
  await database.db.user.update({ where: { email: ann.email }, data: { role: 'viewer' } })
  await ask(tags)
  expect(await row()).toMatchObject({ tags: own, keyExpiry: new Date(ctx.time.now) })
  expect(await registerClient(ctx, machine, registerRequestSchema.parse({ Version: 142, NodeKey: nodeKey, Hostinfo: { RequestTags: tags } }))).toEqual({ type: 'expired' })
})

test('one whose key was ended gets no new one by asking for tags: they come with its next login', async () => {
  await join([])
  const { id } = await row()
  await expireKey(ctx, ann, { id })
  const keyExpiry = new Date(ctx.time.now)
  ctx.time.now += 60_000
  await ask(['tag:d'])
  expect(await row()).toMatchObject({ tags: [], keyExpiry })
  expect(await database.db.auditEvent.count({ where: { action: { in: ['machine.set-tags', 'machine.ask-tags'] } } })).toBe(0)
  const again = `nodekey:${'3'.repeat(64)}`
  const { key } = await createAuthKey(ctx, ann, {})
  await registerClient(ctx, machine, registerRequestSchema.parse({ Version: 142, NodeKey: again, OldNodeKey: nodeKey, Auth: { AuthKey: key }, Hostinfo: { RequestTags: ['tag:d'] } }))
  expect(await database.db.node.findUniqueOrThrow({ where: { nodeKey: again } })).toMatchObject({ id, tags: ['tag:d'], keyExpiry: null })
})

test('what it asks for may be anything: the audit trail and its answer have the beginning', async () => {
  await join([])
  const many = Array.from({ length: 64 }, (_, at) => `tag:${String(at).padStart(2, '0')}\u0000${'x'.repeat(1000)}`)
  await ask(many)
  const shown = [`tag:00${'x'.repeat(58)}…`, 'and 54 more']
  const event = await database.db.auditEvent.findFirstOrThrow({ where: { action: 'machine.ask-tags' } })
  expect(event.after).toMatchObject({ askedTags: expect.arrayContaining(shown) })
  expect(JSON.stringify(event.after).length).toBeLessThan(1000)
  const { key } = await createAuthKey(ctx, ann, {})
  const answer = await registerClient(ctx, machine, registerRequestSchema.parse({ Version: 142, NodeKey: `nodekey:${'3'.repeat(64)}`, Auth: { AuthKey: key }, Hostinfo: { RequestTags: many } }))
  expect(answer).toEqual({ type: 'refused', text: expect.stringMatching(/^requested tags \[tag:00x{58}… .* and 54 more\] are invalid or not permitted$/) })
})
