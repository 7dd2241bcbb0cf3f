import { afterEach, beforeEach, expect, test } from 'vitest'
import { withTestDb } from '../../db/testing.ts'
import { createAuthKey } from '../auth-key/create.ts'
import { admitNode } from '../node/admit.ts'
import { reportStatus } from '../node/status.ts'
import { setAdvertised } from '../relay/set-advertised.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { simulatePolicy } from './simulate.ts'

const database = withTestDb()
const ann = person('admin')
let ctx: TestContext
let ids = { relay: 0, a: 0, b: 0 }

beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  const { key } = await createAuthKey(ctx, ann, { tags: ['tag:relay'] })
  const peers = await createAuthKey(ctx, ann, { tags: ['tag:simulated'], reusable: true })
  const relay = (await admitNode(ctx, claimOf('lock-1', { authKey: key }))).id
  const [a, b] = [await admitNode(ctx, claimOf('sim-1', { authKey: peers.key, kind: 'simulated' })), await admitNode(ctx, claimOf('sim-2', { authKey: peers.key, kind: 'simulated' }))]
  ids = { relay, a: a.id, b: b.id }
  await ctx.network.settled()
  await setAdvertised(ctx, ann, { id: relay, advertised: true })
})
afterEach(() => ctx.dispose())

async function relayUp(): Promise<void> {
  ctx.bus.publish('node.presence', { nodeId: ids.relay, online: true })
  await reportStatus(ctx, ids.relay, {
    type: 'status', homeDerp: 1, endpoints: [],
    relay: { state: 'relaying', text: '', port: 40_000, sessions: 0, dataplane: 'dgram', addresses: [{ address: '203.0.113.7:40000', source: 'interface' }] },
  })
  await ctx.network.settled()
}

test('the policy in force: each way, the relay that is asked, and what carries them now', async () => {
  await relayUp()
  ctx.running.set('s', { id: 's', relayId: ids.relay, aId: ids.b, bId: ids.a, bitsFromA: 0, bitsFromB: 0, bytesFromA: 0, bytesFromB: 0 })
  const found = await simulatePolicy(ctx, person('viewer'), { from: ids.a, to: ids.b })
  expect(found.ways).toMatchObject([{ from: 'sim-1', to: 'sim-2', allowed: true, open: [{ ports: ['*'] }], behind: [] }, { from: 'sim-2', to: 'sim-1', allowed: true }])
  expect(found.relays).toMatchObject([{ id: ids.relay, name: 'lock-1', isUp: true, isAsked: true, asks: [{ end: 'sim-1', isAsked: true }, { end: 'sim-2', isAsked: true }] }])
  expect([found.expected, found.carriedBy]).toEqual([{ relayId: ids.relay, sentence: 'lock-1: it is the only relay that is asked.' }, { id: ids.relay, name: 'lock-1' }])
})

test('a relay that is not up is named, and asked by nobody', async () => {
  const { relays, expected, carriedBy } = await simulatePolicy(ctx, ann, { from: ids.a, to: ids.b })
  expect(relays).toMatchObject([{ isUp: false, isAsked: false, asks: [{ allowed: true, sentence: expect.stringContaining('It is not up.') }, { allowed: true }] }])
  expect([expected, carriedBy]).toEqual([{ relayId: null, sentence: 'None: no relay that they may use is up.' }, null])
})

test('a draft, which stays one', async () => {
  await relayUp()
  const text = '{"tagOwners": {"tag:simulated": []}, "grants": [\n{"src": ["tag:simulated"], "dst": ["tag:simulated"], "ip": ["tcp:443"]}]}'
  const found = await simulatePolicy(ctx, ann, { from: ids.a, to: ids.b, text })
  expect(found.ways[0]).toMatchObject({ allowed: true, line: 2, open: [{ ports: ['tcp:443'], line: 2 }] })
  expect(found.expected.sentence).toBe('None: no grant lets sim-1 or sim-2 use a relay.')
  expect((await simulatePolicy(ctx, ann, { from: ids.a, to: ids.b })).expected.relayId).toBe(ids.relay)
})

test.each<[Parameters<typeof simulatePolicy>[2], object]>([
  [{ from: 1, to: 1 }, { code: 'invalid', path: 'to' }],
  [{ from: 987, to: 988 }, { code: 'not-found', path: 'from', message: 'There is no machine 987' }],
  [{ from: 987, to: 988, text: '{' }, { code: 'invalid', path: 'text', message: expect.stringMatching(/^Line 1, column 2: /) }],
])('is refused: %j', async (input, problem) => {
  await expect(simulatePolicy(ctx, ann, input)).rejects.toMatchObject(problem)
})
