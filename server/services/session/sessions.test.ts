import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { defaultPolicy } from '../../../policy/index.ts'
import { withTestDb } from '../../db/testing.ts'
import { listActivity } from '../activity/list.ts'
import { createAuthKey } from '../auth-key/create.ts'
import { admitNode } from '../node/admit.ts'
import { getMachine } from '../node/get.ts'
import { listMachines } from '../node/list.ts'
import { renameMachine } from '../node/rename.ts'
import { setMachineTags } from '../node/set-tags.ts'
import { reportStatus } from '../node/status.ts'
import { getPolicy } from '../policy/get.ts'
import { savePolicy } from '../policy/save.ts'
import { setAdvertised } from '../relay/set-advertised.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { listDerpPairs } from './derp-pairs.ts'
import { listSessions } from './list.ts'

const database = withTestDb()
const ann = person('admin')
let ctx: TestContext
let [relay, a, b] = [0, 0, 0]

beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  const { key } = await createAuthKey(ctx, ann, { tags: ['tag:relay'] })
  const peers = await createAuthKey(ctx, ann, { tags: ['tag:simulated'], reusable: true })
  relay = (await admitNode(ctx, claimOf('lock-1', { authKey: key }))).id
  a = (await admitNode(ctx, claimOf('sim-1', { authKey: peers.key, kind: 'simulated' }))).id
  b = (await admitNode(ctx, claimOf('sim-2', { authKey: peers.key, kind: 'simulated' }))).id
  await ctx.network.settled()
})
afterEach(() => ctx.dispose())

async function stored(count: number, ended: boolean): Promise<string[]> {
  const ids: string[] = []
  for (let i = 0; i < count; i++) {
    // Pairs of them at the same time, so that a page may end between equals.
    const at = new Date(ctx.time.now + Math.floor(i / 2) * 1000)
    const { id } = await database.db.relaySession.create({
      data: {
        relayId: relay, key: `${ended}-${i}`, vni: i + 1, aId: a, bId: b, aName: 'sim-1', bName: i === 0 ? 'odd-one' : 'sim-2', relayName: 'lock-1',
        openedAt: at, lastSeen: at, bytesA: 10n, bytesB: 20n, ...(ended ? { endedAt: at, reason: 'idle' } : {}),
      },
    })
    ids.push(id)
  }
  return ids
}

describe('sessions', () => {
  test.each([['live', false], ['ended', true]] as const)('%s ones in pages, newest first, each once', async (state, ended) => {
    const ids = await stored(7, ended)
    await stored(2, !ended)
    const seen: string[] = []
    let cursor: string | undefined
    do {
      const page = await listSessions(ctx, ann, { state, limit: 3, cursor: cursor ?? null })
      expect(page.total).toBe(7)
      seen.push(...page.rows.map(({ id }) => id))
      cursor = page.next ?? undefined
    } while (cursor !== undefined)
    expect(seen.toSorted()).toEqual(ids.toSorted())
    expect(seen[0] === ids[6]).toBe(true)
  })

  test('show their figures of now, and the names that machines have now', async () => {
    const [id = ''] = await stored(1, false)
    ctx.running.set(id, { id, relayId: relay, aId: a, bId: b, bitsFromA: 100, bitsFromB: 200, bytesFromA: 1000, bytesFromB: 2000 })
    await renameMachine(ctx, ann, { id: a, name: 'laptop' })
    const { rows } = await listSessions(ctx, ann, { state: 'live' })
    expect(rows).toEqual([expect.objectContaining({
      id, a: { id: a, name: 'laptop' }, b: { id: b, name: 'sim-2' }, rateFromA: 100, rateFromB: 200, bytesFromA: 1000, bytesFromB: 2000, reason: null, endedAt: null,
    })])
  })

  test.each(['live', 'ended'] as const)('%s ones say, by direction, how many packets were too large for the way', async (state) => {
    const [id = ''] = await stored(2, state === 'ended')
    await database.db.relaySession.update({ where: { id }, data: { tooBigA: 1204n, tooBigB: 7n } })
    const { rows } = await listSessions(ctx, ann, { state })
    expect(rows.toSorted((one, other) => other.tooBigFromA - one.tooBigFromA)).toMatchObject([{ id, tooBigFromA: 1204, tooBigFromB: 7 }, { tooBigFromA: 0, tooBigFromB: 0 }])
  })

  test('are found by name and by relay; a cursor of something else is refused', async () => {
    await stored(3, true)
    expect((await listSessions(ctx, ann, { state: 'ended', text: 'ODD' })).total).toBe(1)
    expect((await listSessions(ctx, ann, { state: 'ended', relayId: relay + 1 })).total).toBe(0)
    await expect(listSessions(ctx, ann, { state: 'ended', cursor: 'x' })).rejects.toMatchObject({ code: 'invalid', path: 'cursor' })
  })
})

describe('why a pair goes over DERP', () => {
  const pairs = async () => {
    const live = { ...ctx.live, derpPairs: () => [{ a, b, rateFromA: 1, rateFromB: 2 }, { a, b: 999_999, rateFromA: 1, rateFromB: 1 }, { a, b: relay, rateFromA: 0, rateFromB: 0 }] }
    return listDerpPairs({ ...ctx, live }, ann)
  }

  test('the relay is off, then up and not used yet', async () => {
    expect(await pairs()).toEqual([{
      a: { id: a, name: 'sim-1' }, b: { id: b, name: 'sim-2' }, rateFromA: 1, rateFromB: 2,
      why: 'lock-1, which the pair may use, is turned off.', line: 23, granted: true,
    }])
    await setAdvertised(ctx, ann, { id: relay, advertised: true })
    expect((await pairs())[0]?.why).toBe('lock-1, which the pair may use, is not up.')
    ctx.bus.publish('node.presence', { nodeId: relay, online: true })
    await reportStatus(ctx, relay, { type: 'status', homeDerp: 1, endpoints: [], relay: { state: 'relaying', text: '', port: 40_000, addresses: [], sessions: 0, dataplane: 'dgram' } })
    await ctx.network.settled()
    expect((await pairs())[0]?.why).toMatch(/^A relay may carry it \(lock-1\)/)
  })

  test('no grant lets either use it, with the line to look at', async () => {
    const { version } = await getPolicy(ctx, ann)
    await savePolicy(ctx, ann, { expectedVersion: version, text: defaultPolicy().replace('{"src": ["*"], "dst": ["tag:relay"]', '{"src": ["tag:relay"], "dst": ["tag:relay"]') })
    expect((await pairs())[0]).toMatchObject({ granted: false, line: 23, why: 'No grant lets sim-1 use lock-1: the one on line 23 is for "tag:relay", and sim-1 is tag:simulated.' })
  })
})

describe('machines', () => {
  test('say which relays they may use and why, and whom they reach', async () => {
    expect((await listMachines(ctx, ann)).map(({ name, isRelay, kind }) => [name, isRelay, kind])).toEqual([['lock-1', true, 'agent'], ['sim-1', false, 'simulated'], ['sim-2', false, 'simulated']])
    expect(await getMachine(ctx, ann, { id: a })).toMatchObject({
      relays: [{ id: relay, name: 'lock-1', allowed: true, up: false, sentence: 'sim-1 may use lock-1 by the grant on line 23.', line: 23 }],
      reaches: [{ id: relay, name: 'lock-1', kind: 'agent' }, { id: b, name: 'sim-2', kind: 'simulated' }], reachCount: 2, owner: null, keyExpiry: null,
    })
  })

  test('have one name each', async () => {
    await expect(renameMachine(ctx, ann, { id: a, name: 'sim-2' })).rejects.toMatchObject({ code: 'conflict', path: 'name' })
    await expect(renameMachine(ctx, ann, { id: a, name: 'not a name' })).rejects.toThrow(/letters, digits and hyphens/)
    expect(await renameMachine(ctx, ann, { id: a, name: 'Laptop' })).toMatchObject({ name: 'laptop' })
  })

  test('carry tags that the policy knows, and keep one that it knows no more', async () => {
    await expect(setMachineTags(ctx, ann, { id: a, tags: ['relay'] })).rejects.toMatchObject({ code: 'invalid', path: 'tags.0', fix: 'Write it as tag:relay' })
    expect(await setMachineTags(ctx, ann, { id: a, tags: ['tag:simulated', 'tag:relay', 'tag:relay'] })).toMatchObject({ tags: ['tag:relay', 'tag:simulated'] })
    const { version } = await getPolicy(ctx, ann)
    await savePolicy(ctx, ann, { expectedVersion: version, text: '{"tagOwners": {"tag:relay": []}}' })
    expect(await setMachineTags(ctx, ann, { id: a, tags: ['tag:simulated'] })).toMatchObject({ tags: ['tag:simulated'] })
    await expect(setMachineTags(ctx, ann, { id: relay, tags: ['tag:simulated'] })).rejects.toMatchObject({ code: 'invalid' })
  })
})

test('the trail, newest first in pages, is searched by who and what', async () => {
  await renameMachine(ctx, ann, { id: a, name: 'laptop' })
  const first = await listActivity(ctx, person('viewer'), { limit: 2 })
  expect(first.rows[0]).toMatchObject({ actor: { kind: 'user', name: 'Ann' }, text: 'renamed sim-1 to laptop', before: { name: 'sim-1' }, after: { name: 'laptop' }, ip: '192.0.2.7' })
  const second = await listActivity(ctx, ann, { limit: 100, cursor: first.next ?? '' })
  expect(second.next).toBeNull()
  expect(second.rows.map(({ text }) => text)).toContain('made the auth key ' + second.rows.find(({ action }) => action === 'auth-key.create')?.target.name)
  expect((await listActivity(ctx, ann, { text: 'rename' })).rows).toHaveLength(1)
  await expect(listActivity(ctx, ann, { cursor: 'x' })).rejects.toMatchObject({ path: 'cursor' })
})
