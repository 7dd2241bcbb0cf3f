import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { RelayStatus } from '../../../protocol/channel/index.ts'
import { withTestDb } from '../../db/testing.ts'
import { createAuthKey } from '../auth-key/create.ts'
import { admitNode } from '../node/admit.ts'
import { getMachine } from '../node/get.ts'
import { approveMachine } from '../node/approve.ts'
import { reportApplied } from '../node/applied.ts'
import { saveViews } from '../node/save-views.ts'
import { setMachineTags } from '../node/set-tags.ts'
import { reportStatus } from '../node/status.ts'
import { getOverview } from '../overview/get.ts'
import { getPolicy } from '../policy/get.ts'
import { savePolicy } from '../policy/save.ts'
import { listQuotas } from '../quota/list.ts'
import { updateSettings } from '../setting/update.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { configureRelay } from './configure.ts'
import { getRelay } from './get.ts'
import { listRelays } from './list.ts'
import { setAdvertised } from './set-advertised.ts'

const database = withTestDb()
let ctx: TestContext
let id = 0
const ann = person('admin')

beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  const { key } = await createAuthKey(ctx, ann, { tags: ['tag:relay'] })
  id = (await admitNode(ctx, claimOf('lock-1', { authKey: key }))).id
  await ctx.network.settled()
  ctx.bus.publish('node.presence', { nodeId: id, online: true })
  ctx.heard.length = 0
})
afterEach(() => ctx.dispose())

const relaying: RelayStatus = {
  state: 'relaying', text: '', port: 40_000, sessions: 0, dataplane: 'dgram',
  addresses: [{ address: '203.0.113.7:40000', source: 'interface' }, { address: '[2001:DB8::7]:40000', source: 'stun' }],
}
const report = (relay: RelayStatus) => reportStatus(ctx, id, { type: 'status', homeDerp: 1, endpoints: ['192.0.2.5:41641', 'nonsense'], relay })

async function wanted(advertised: boolean) {
  return setAdvertised(ctx, ann, { id, advertised })
}

describe('the switch', () => {
  test('is what is wanted; the state beside it is what the agent said', async () => {
    expect(await wanted(true)).toMatchObject({ advertised: true, state: 'starting', stateText: 'Waiting for its agent' })
    expect(ctx.network.relayConfig(id)?.advertised).toBe(true)
    await report(relaying)
    await ctx.network.settled()
    expect(ctx.network.node(id)).toMatchObject({ relayUp: true, homeDerp: 1, endpoints: ['192.0.2.5:41641'] })
    expect(await getRelay(ctx, ann, { id })).toMatchObject({
      state: 'relaying', boundPort: 40_000, dataplane: 'dgram', online: true,
      addresses: [{ address: '203.0.113.7:40000', source: 'interface' }, { address: '[2001:db8::7]:40000', source: 'stun' }],
    })

    ctx.running.set('s', { id: 's', relayId: id, aId: 2, bId: 3, bitsFromA: 0, bitsFromB: 0, bytesFromA: 0, bytesFromB: 0 })
    expect(await wanted(false)).toMatchObject({ advertised: false, state: 'draining', stateText: '1 session left' })
    expect(ctx.network.node(id)?.relayUp).toBe(false)
    await report({ ...relaying, state: 'off', port: null, addresses: [] })
    expect((await listRelays(ctx, ann))[0]).toMatchObject({ state: 'off', boundPort: null, addresses: [] })
  })

  test('its socket buffers, threads and rate of a session are as its agent told them last; an older agent tells none', async () => {
    await report({ ...relaying, buffers: { asked: 4_194_304, receive: 212_992, send: 2 ** 40 }, workers: 2, sessionRate: 100e9 })
    expect(await getRelay(ctx, ann, { id })).toMatchObject({ buffers: { asked: 4_194_304, receive: 212_992, send: 2_147_483_647 }, workers: 2, sessionRate: 100e9 })
    await report(relaying)
    expect(await getRelay(ctx, ann, { id })).toMatchObject({ buffers: null, workers: null, sessionRate: null })
  })

  test('another rate of a session alone is told to who looks at the relay; the same again is not', async () => {
    const changes = async (sessionRate: number): Promise<number> => {
      ctx.heard.length = 0
      await report({ ...relaying, sessionRate })
      return ctx.heard.filter((name) => name === 'relay.changed').length
    }
    await report(relaying)
    expect([await changes(3e6), await changes(3e6), await changes(4e6)]).toEqual([1, 0, 1])
  })

  test('says why it cannot, and names it where attention is asked for', async () => {
    await wanted(true)
    await report({ ...relaying, state: 'cannot', text: 'Port 40000 is in use by pid 812', port: null, addresses: [] })
    expect((await listRelays(ctx, ann))[0]).toMatchObject({ state: 'cannot', stateText: 'Port 40000 is in use by pid 812' })
    const { attention, relaysWanted, relaysUp } = await getOverview(ctx, ann)
    expect([relaysWanted, relaysUp]).toEqual([1, 0])
    expect(attention).toContainEqual(expect.objectContaining({ severity: 'critical', title: 'lock-1 cannot relay', detail: 'Port 40000 is in use by pid 812', href: `/relays/${id}` }))
  })

  test('of an agent that is gone reads offline, not what it last said', async () => {
    await wanted(true)
    await report(relaying)
    ctx.bus.publish('node.presence', { nodeId: id, online: false })
    await ctx.network.settled()
    const [row] = await listRelays(ctx, ann)
    expect(row).toMatchObject({ state: 'offline', online: false, offlineSince: new Date(ctx.time.now), stateText: 'Its agent is not connected; if the relay still runs, its sessions go on' })
    // Its clients keep it for the moment that a channel takes to come back.
    expect(ctx.network.node(id)).toMatchObject({ online: false, relayUp: true })
    expect((await getOverview(ctx, ann)).relaysUp).toBe(0)
    expect((await getOverview(ctx, ann)).attention[0]).toMatchObject({ title: 'The DERP server is not up' })
    expect((await getOverview(ctx, ann)).attention).toContainEqual(expect.objectContaining({ severity: 'offline', title: 'lock-1 is offline' }))
  })

  test('of an agent that did not come back after a restart of the control plane is offline, with no time', async () => {
    await wanted(true)
    await report(relaying)
    const restarted = await testContext(database.db)
    try {
      expect(restarted.network.node(id)).toMatchObject({ online: false, relayUp: true })
      expect((await listRelays(restarted, ann))[0]).toMatchObject({ state: 'offline', offlineSince: null, stateText: expect.stringMatching(/^Not connected since the control plane started/) })
      expect(await getRelay(restarted, ann, { id })).toMatchObject({ state: 'offline' })
      restarted.bus.publish('node.presence', { nodeId: id, online: true })
      expect((await listRelays(restarted, ann))[0]).toMatchObject({ state: 'relaying' })
    } finally {
      restarted.dispose()
    }
  })

  test('turned twice is written down once; the words say who and what', async () => {
    await Promise.all([wanted(true), wanted(true)])
    await wanted(false)
    expect(ctx.heard.filter((name) => name === 'relay.changed')).toHaveLength(2)
    const { events } = await getRelay(ctx, ann, { id })
    expect(events.map(({ actor, text }) => `${actor} ${text}`).slice(0, 2)).toEqual(['Ann turned off lock-1', 'Ann turned on lock-1'])
  })

  test('of a machine that waits for approval is no relay that is wanted, and says what it waits for', async () => {
    const { id: waiting } = await admitNode(ctx, claimOf('stranger'))
    await ctx.network.settled()
    ctx.bus.publish('node.presence', { nodeId: waiting, online: true })
    expect(await setAdvertised(ctx, ann, { id: waiting, advertised: true })).toMatchObject({ name: 'stranger', approved: false, state: 'off', stateText: 'Waits for approval' })
    const { relaysWanted, relayStates, attention } = await getOverview(ctx, ann)
    expect([relaysWanted, relayStates]).toEqual([0, ['off']])
    expect(attention.filter(({ title }) => title.startsWith('stranger'))).toMatchObject([{ title: 'stranger asks to join', href: `/machines/${waiting}` }])
    await approveMachine(ctx, ann, { id: waiting })
    expect((await listRelays(ctx, ann)).find(({ name }) => name === 'stranger')).toMatchObject({ approved: true, state: 'starting' })
    expect((await getOverview(ctx, ann)).relaysWanted).toBe(1)
  })

  test('of what is no relay', async () => {
    await expect(setAdvertised(ctx, ann, { id: 999_999, advertised: true })).rejects.toMatchObject({ code: 'not-found', message: 'There is no machine 999999' })
  })
})

test('the overview agrees with the relays’ own pages: what they dropped, and no peak below the rate now', async () => {
  const figures = {
    ...ctx.figures,
    dropsLastHour: async () => new Map([
      [id, { byReason: [{ reason: 'unknown-vni', count: 2 }], drops: 2, packets: 9998 }],
      [999_999, { byReason: [{ reason: 'removed', count: 500 }], drops: 500, packets: 500 }],
    ]),
    peakLastHour: async () => ({ rate: 50, at: new Date(0) }),
  }
  const live = { ...ctx.live, relays: () => [{ bitsIn: 510, bitsOut: 80, endpoints: 1 }] }
  expect(await getOverview({ ...ctx, figures, live }, ann)).toMatchObject({
    dropsLastHour: 2, packetsLastHour: 9998, topDrop: 'unknown-vni', rate: 80, peak: { rate: 80, at: new Date(ctx.time.now) },
  })
  expect((await getOverview({ ...ctx, figures }, ann)).peak).toEqual({ rate: 50, at: new Date(0) })
})

describe('settings', () => {
  const settings = { port: 40_001, staticEndpoints: ['203.0.113.7:40001', '[2001:DB8:0:0::7]:40001'], region: 'fra', maxEndpoints: 100, handshakesPerSecond: 10 }

  test('are taken over, in canonical text, with what changed in the trail', async () => {
    const detail = await configureRelay(ctx, ann, { id, ...settings })
    expect(detail).toMatchObject({ ...settings, staticEndpoints: ['203.0.113.7:40001', '[2001:db8::7]:40001'] })
    expect(ctx.network.relayConfig(id)).toMatchObject({ port: 40_001, region: 'fra', maxEndpoints: 100 })
    const entry = await database.db.auditEvent.findFirst({ where: { action: 'relay.configure' } })
    expect(entry?.before).toEqual({ port: 40_000, staticEndpoints: [], region: '', maxEndpoints: 65_536, handshakesPerSecond: 50 })
    ctx.heard.length = 0
    await configureRelay(ctx, ann, { id, ...settings })
    expect(ctx.heard).toEqual([])
  })

  test.each([
    ['203.0.113.7', 'has no port from 1 to 65535'], ['relay.example:40000', 'is no IP address with a port'], ['203.0.113.7:70000', 'has no port'],
    ['203.0.113.7:0', 'has port 0'], ['0.0.0.0:40000', 'nobody can send to'], ['[ff02::1]:40000', 'nobody can send to'], ['2001:db8::7:40000', 'is no IP address'],
  ])('static endpoint %s %s, with its place', async (endpoint, text) => {
    await expect(configureRelay(ctx, ann, { id, ...settings, staticEndpoints: ['203.0.113.7:40000', endpoint] }))
      .rejects.toMatchObject({ code: 'invalid', path: 'staticEndpoints.1', message: expect.stringContaining(text) })
  })

  test('out of range name their field', async () => {
    await expect(configureRelay(ctx, ann, { id, ...settings, port: 70_000 })).rejects.toMatchObject({ issues: [expect.objectContaining({ path: ['port'], message: 'a port is 1 to 65535' })] })
  })
})

test('a port that the machine itself asked for is shown and written down, once', async () => {
  await report({ ...relaying, state: 'off', requestedPort: 41_000 })
  await report({ ...relaying, state: 'off', requestedPort: 41_000 })
  expect(await getRelay(ctx, ann, { id })).toMatchObject({ requestedPort: 41_000, advertised: false })
  expect(await database.db.auditEvent.count({ where: { action: 'relay.request', actorKind: 'agent' } })).toBe(1)
  expect((await getOverview(ctx, ann)).attention).toContainEqual(expect.objectContaining({ title: 'lock-1 asks to relay on port 41000' }))
  await report({ ...relaying, state: 'off' })
  expect((await getRelay(ctx, ann, { id })).requestedPort).toBeNull()
})

test('a status that says nothing new is no event', async () => {
  await report(relaying)
  await ctx.network.settled()
  ctx.heard.length = 0
  await report(relaying)
  expect(ctx.heard).toEqual([])
})

test('who may use it, by grant, and how many do', async () => {
  const { key } = await createAuthKey(ctx, ann, { tags: ['tag:simulated'], reusable: true })
  const peers = [await admitNode(ctx, claimOf('sim-1', { authKey: key, kind: 'simulated' })), await admitNode(ctx, claimOf('sim-2', { authKey: key, kind: 'simulated' }))]
  await ctx.network.settled()
  ctx.running.set('s', { id: 's', relayId: id, aId: peers[0]?.id ?? 0, bId: 12_345, bitsFromA: 0, bitsFromB: 0, bytesFromA: 0, bytesFromB: 0 })
  expect(await getRelay(ctx, ann, { id })).toMatchObject({
    mayUse: [{ selector: '*', machines: 2, now: 1, line: 23, names: ['sim-1', 'sim-2'] }], mayUseCount: 2, sessions: 1,
  })
  await setMachineTags(ctx, ann, { id, tags: [] })
  expect(await getRelay(ctx, ann, { id })).toMatchObject({ mayUse: [], mayUseCount: 0, tags: [] })
})

test('what limits its clients, on its page and on theirs, and when a quota is used up', async () => {
  const { key } = await createAuthKey(ctx, ann, { tags: ['tag:simulated'], reusable: true })
  const { id: client } = await admitNode(ctx, claimOf('sim-1', { authKey: key, kind: 'simulated' }))
  const { version } = await getPolicy(ctx, ann)
  await savePolicy(ctx, ann, { expectedVersion: version, message: '', text: `{
    "tagOwners": {"tag:relay": [], "tag:simulated": []},
    "grants": [
      {"src": ["*"], "dst": ["*"], "ip": ["*"]},
      {"src": ["tag:simulated"], "dst": ["tag:relay"], "app": {"tailscale.com/cap/relay": [{"maxSessions": 20, "quota": "2TiB/month", "maxRate": "50mbit"}]}}
    ]
  }` })
  await ctx.network.settled()
  const sessions = { words: 'at most 20 sessions', lines: [5], note: '' }
  const quota = (used: string) => ({ words: '2 TiB a month', lines: [5], note: `${used} used in January` })
  const rate = { words: '50 Mbit/s each way', lines: [5], note: '' }
  expect(await getRelay(ctx, ann, { id })).toMatchObject({ mayUse: [{ limits: [sessions, quota('0 B'), rate], usedUp: false }], mayUseCount: 1 })
  expect((await getMachine(ctx, ann, { id: client })).relays).toMatchObject([{ allowed: true, sentence: 'sim-1 may use lock-1 by the grant on line 5.', limits: [sessions, quota('0 B'), rate] }])

  const [use] = ctx.network.quotas.uses()
  ctx.network.quotas.took([{ key: use?.key ?? '', month: '2026-01', bytes: 2 * 1024 ** 4 }])
  expect(await getRelay(ctx, ann, { id })).toMatchObject({ mayUse: [{ limits: [sessions, quota('2 TiB'), rate], usedUp: true }], mayUseCount: 0 })
  const [relay] = (await getMachine(ctx, ann, { id: client })).relays
  expect(relay).toMatchObject({ allowed: false, line: 5, limits: [] })
  expect(relay?.sentence).toContain('The quota of 2 TiB a month of the grant on line 5 is used up')
  expect((await getOverview(ctx, ann)).attention).toContainEqual(expect.objectContaining({ title: 'The quota on line 5 is used up' }))
  expect(listQuotas(ctx, ann)).toMatchObject([{ line: 5, used: 2 * 1024 ** 4, usedUp: true, month: 'January', resetsAt: new Date(Date.UTC(2026, 1, 1)) }])
  expect(ctx.heard).toContain('quota.changed')
})

test('the revision sent and the one that it works by are both shown', async () => {
  await saveViews(ctx, [{ nodeId: id, revision: 7, digest: 'd' }])
  await reportApplied(ctx, id, 6)
  expect(await getRelay(ctx, ann, { id })).toMatchObject({ revision: 7, appliedRevision: 6 })
  await ctx.network.settled()
  ctx.heard.length = 0
  await reportApplied(ctx, id, 6)
  expect(ctx.heard).toEqual([])
})

test('of changes that come at once, each says truly what was before it', async () => {
  const { port, staticEndpoints, maxEndpoints, handshakesPerSecond } = await getRelay(ctx, ann, { id })
  const places = ['a', 'b', 'c', 'd']
  await Promise.all([
    ...places.map((region) => configureRelay(ctx, ann, { id, port, staticEndpoints, maxEndpoints, handshakesPerSecond, region })),
    ...[['tag:relay', 'tag:simulated'], ['tag:simulated'], []].map((tags) => setMachineTags(ctx, ann, { id, tags })),
    ...places.map((networkName) => updateSettings(ctx, person('owner'), { networkName })),
  ])
  for (const [action, member] of [['relay.configure', 'region'], ['machine.set-tags', 'tags'], ['setting.update', 'networkName']] as const) {
    const rows = await database.db.auditEvent.findMany({ where: { action }, orderBy: { id: 'asc' } })
    const states = z.array(z.object({ before: z.record(z.string(), z.unknown()), after: z.record(z.string(), z.unknown()) })).parse(rows)
    expect(states.length).toBeGreaterThan(1)
    expect(states.slice(1).map(({ before }) => before[member])).toEqual(states.slice(0, -1).map(({ after }) => after[member]))
  }
})
