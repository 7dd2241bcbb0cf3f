import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { pingResponseSchema, type PingResponse } from '../../../protocol/tailcfg/index.ts'
import { withTestDb } from '../../db/testing.ts'
import { createAuthKey } from '../auth-key/create.ts'
import { admitNode } from '../node/admit.ts'
import { getPolicy } from '../policy/get.ts'
import { savePolicy } from '../policy/save.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { checkPath, type PathContext } from './check.ts'

const database = withTestDb()
const ann = person('admin')
let base: TestContext
let ctx: PathContext
let asked: unknown[] = []
let answer: PingResponse | 'no answer' = 'no answer'
let [relay, a, b] = [0, 0, 0]

beforeEach(async () => {
  await emptyDb(database.db)
  base = await testContext(database.db)
  asked = []
  ctx = {
    ...base,
    questions: {
      ...base.questions,
      ping: async (nodeId, ask) => {
        asked.push({ nodeId, ...ask })
        return answer
      },
    },
  }
  const { key } = await createAuthKey(base, ann, { tags: ['tag:relay'] })
  const peers = await createAuthKey(base, ann, { tags: ['tag:simulated'], reusable: true })
  relay = (await admitNode(base, claimOf('lock-1', { authKey: key }))).id
  a = (await admitNode(base, claimOf('laptop', { authKey: peers.key, kind: 'simulated' }))).id
  b = (await admitNode(base, claimOf('nas', { authKey: peers.key, kind: 'simulated' }))).id
  await database.db.node.updateMany({ where: { id: { in: [a, b] } }, data: { kind: 'client' } })
  await database.db.relay.updateMany({ where: { nodeId: relay }, data: { addresses: [{ address: '198.51.100.10:40000', source: 'stun' }] } })
  for (const nodeId of [a, b]) base.bus.publish('node.changed', { nodeId, cause: 'test' })
  base.bus.publish('node.presence', { nodeId: a, online: true })
  await base.network.settled()
})
afterEach(() => base.dispose())

const says = (fields: object): void => {
  answer = pingResponseSchema.parse({ Type: 'disco', LatencySeconds: 0.0125, ...fields })
}

describe('the path is said by the client', () => {
  test.each([
    ['by a relay of ours', { PeerRelay: '198.51.100.10:40000:vni:3' }, { kind: 'relay', endpoint: '198.51.100.10:40000', sentence: 'laptop reaches nas by the relay lock-1.' }],
    ['by one that nobody knows', { PeerRelay: '203.0.113.9:1:vni:3' }, { kind: 'relay', relay: null, sentence: 'laptop reaches nas by a relay at 203.0.113.9:1.' }],
    ['directly', { Endpoint: '203.0.113.7:41641' }, { kind: 'direct', endpoint: '203.0.113.7:41641', relay: null, sentence: 'laptop reaches nas directly, at 203.0.113.7:41641.' }],
    ['over DERP', { DERPRegionID: 900, DERPRegionCode: 'ours' }, { kind: 'derp', derpCode: 'ours', sentence: 'laptop reaches nas over DERP, region ours.' }],
    ['not at all', { Err: 'no matching peer' }, { kind: 'none', latencyMs: null, sentence: 'laptop cannot reach nas: no matching peer.' }],
  ])('%s', async (_, fields, expected) => {
    says(fields)
    const path = await checkPath(ctx, ann, { id: a, peerId: b })
    expect(path).toMatchObject({ from: { id: a, name: 'laptop' }, to: { id: b, name: 'nas' }, latencyMs: 12.5, at: new Date(base.time.now), ...expected })
    expect(asked).toEqual([{ nodeId: a, types: 'disco', ip: base.network.node(b)?.addresses[0] }])
  })

  test('with the relay’s id, so that a page can lead to it', async () => {
    says({ PeerRelay: '198.51.100.10:40000:vni:3' })
    expect((await checkPath(ctx, ann, { id: a, peerId: b })).relay).toEqual({ id: relay, name: 'lock-1' })
  })

  test('or it says nothing', async () => {
    answer = 'no answer'
    expect(await checkPath(ctx, ann, { id: a, peerId: b })).toMatchObject({ kind: 'none', sentence: 'laptop got no answer from nas.' })
  })
})

test('the end that can be asked is asked', async () => {
  says({ Endpoint: '203.0.113.7:41641' })
  expect((await checkPath(ctx, ann, { id: b, peerId: a })).from.name).toBe('laptop')
  base.bus.publish('node.presence', { nodeId: a, online: false })
  await expect(checkPath(ctx, ann, { id: a, peerId: b })).rejects.toMatchObject({ code: 'unavailable', message: 'Neither can be asked: laptop is offline, and nas is offline' })
  await database.db.node.updateMany({ where: { id: b }, data: { kind: 'simulated' } })
  base.bus.publish('node.changed', { nodeId: b, cause: 'test' })
  await base.network.settled()
  await expect(checkPath(ctx, ann, { id: b, peerId: relay })).rejects.toMatchObject({ code: 'invalid', message: 'Neither can be asked: nas is simulated, and lock-1 is an agent, which only relays' })
})

test('two that no grant connects are not asked: they do not know each other', async () => {
  const { version } = await getPolicy(base, ann)
  await savePolicy(base, ann, { expectedVersion: version, text: '{"tagOwners": {"tag:relay": [], "tag:simulated": []}, "grants": []}' })
  expect(await checkPath(ctx, ann, { id: a, peerId: b })).toMatchObject({ kind: 'none', sentence: 'No grant connects laptop and nas: neither is told of the other.' })
  expect(asked).toEqual([])
})

test('a viewer, a machine that is not there and a machine itself are refused', async () => {
  await expect(checkPath(ctx, person('viewer'), { id: a, peerId: b })).rejects.toMatchObject({ code: 'forbidden' })
  await expect(checkPath(ctx, ann, { id: a, peerId: 999_999 })).rejects.toMatchObject({ code: 'not-found', path: 'peerId' })
  await expect(checkPath(ctx, ann, { id: a, peerId: a })).rejects.toMatchObject({ code: 'invalid', path: 'peerId' })
  expect(asked).toEqual([])
})
