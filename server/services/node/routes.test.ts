import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withTestDb } from '../../db/testing.ts'
import { getOverview } from '../overview/get.ts'
import { getPolicy } from '../policy/get.ts'
import { savePolicy } from '../policy/save.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { admitNode } from './admit.ts'
import { expireKey } from './expire-key.ts'
import { getMachine } from './get.ts'
import { setKeyExpiry } from './set-key-expiry.ts'
import { setMachineRoutes } from './set-routes.ts'
import { setMachineTags } from './set-tags.ts'

const database = withTestDb()
const day = 86_400_000
let ctx: TestContext
beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
})
afterEach(() => ctx.dispose())

const ann = person('admin')

/** A stock client that says these things of itself. */
async function client(name: string, hostinfo: object = {}, more: object = {}): Promise<number> {
  const { id } = await admitNode(ctx, claimOf(name))
  await database.db.relay.deleteMany({ where: { nodeId: id } })
  await database.db.node.update({ where: { id }, data: { kind: 'client', authorized: true, capVersion: 142, homeDerp: 900, hostinfo: { ...hostinfo }, ...more } })
  ctx.bus.publish('node.changed', { nodeId: id, cause: 'test' })
  await ctx.network.settled()
  return id
}

const offers = (...RoutableIPs: string[]) => ({ RoutableIPs })
const given = (viewer: number, router: number) => ctx.network.view(viewer)?.peers.find(({ id }) => id === router)?.routes

describe('routes', () => {
  test('are in force once they are offered and approved, and given to whom a grant lets in', async () => {
    const viewer = await client('laptop')
    const router = await client('office', offers('10.9.0.0/16', '192.168.1.0/24', '0.0.0.0/0', '::/0'))
    expect(given(viewer, router)).toEqual([])
    expect(await getMachine(ctx, ann, { id: router })).toMatchObject({ routes: 0, routesToApprove: 2, exitNode: 'offered' })
    const titles = async (): Promise<string[]> => (await getOverview(ctx, ann)).attention.map(({ title }) => title)
    expect(await titles()).toEqual(expect.arrayContaining(['office offers to route 10.9.0.0/16, 192.168.1.0/24', 'office offers to be an exit node']))

    const row = await setMachineRoutes(ctx, ann, { id: router, routes: ['192.168.1.0/24', '10.8.0.0/16', '192.168.1.0/24'], exitNode: false })
    expect(row).toMatchObject({ routes: 1, routesToApprove: 1, exitNode: 'offered' })
    expect(given(viewer, router)).toEqual(['192.168.1.0/24'])
    const { subnetRoutes } = await getMachine(ctx, ann, { id: router })
    expect(subnetRoutes.map(({ route, offered, approved, carries }) => [route, offered, approved, carries])).toEqual([
      ['10.8.0.0/16', false, true, false], ['10.9.0.0/16', true, false, false], ['192.168.1.0/24', true, true, true],
    ])

    await setMachineRoutes(ctx, ann, { id: router, routes: ['10.9.0.0/16', '192.168.1.0/24'], exitNode: true })
    expect(given(viewer, router)).toEqual(['0.0.0.0/0', '10.9.0.0/16', '192.168.1.0/24', '::/0'])
    expect((await titles()).filter((title) => title.startsWith('office'))).toEqual([])
    expect(await database.db.auditEvent.findMany({ where: { action: 'machine.set-routes' }, orderBy: { id: 'desc' }, take: 1 })).toMatchObject([
      { actorName: 'Ann', targetName: 'office', before: { approvedRoutes: ['10.8.0.0/16', '192.168.1.0/24'] }, after: { approvedRoutes: ['0.0.0.0/0', '10.9.0.0/16', '192.168.1.0/24', '::/0'] } },
    ])
    ctx.heard.length = 0
    await setMachineRoutes(ctx, ann, { id: router, routes: ['192.168.1.0/24', '10.9.0.0/16'], exitNode: true })
    expect(ctx.heard).toEqual([])
  })

  test('of two routers one carries the prefix, and the pages of both say which', async () => {
    const [first, second] = [await client('r1', offers('10.9.0.0/16')), await client('r2', offers('10.9.0.0/16'))]
    for (const id of [first, second]) await setMachineRoutes(ctx, ann, { id, routes: ['10.9.0.0/16'], exitNode: false })
    const [ofFirst] = (await getMachine(ctx, ann, { id: first })).subnetRoutes
    const [ofSecond] = (await getMachine(ctx, ann, { id: second })).subnetRoutes
    expect(ofFirst).toMatchObject({ carries: true, carrier: 'r1', others: [{ id: second, name: 'r2' }] })
    expect(ofSecond).toMatchObject({ carries: false, carrier: 'r1', others: [{ id: first, name: 'r1' }] })
  })

  test('what a client says in another form is the same prefix; what is none is left out', async () => {
    const id = await client('r1', offers('2001:DB8:0::/48', '10.9.0.1/16', 'nonsense', '100.64.0.0/10'))
    await setMachineRoutes(ctx, ann, { id, routes: ['2001:db8::/48'], exitNode: false })
    expect((await getMachine(ctx, ann, { id })).subnetRoutes.map(({ route, approved, problem }) => [route, approved, problem === ''])).toEqual([
      ['10.9.0.0/16', false, true], ['100.64.0.0/10', false, false], ['2001:db8::/48', true, true],
    ])
  })

  test.each([
    [['10.0.0.0/8', '100.64.3.0/24'], 'routes.1', /is within 100\.64\.0\.0\/10/],
    [['10.0.0.1/8'], 'routes.0', /write 10\.0\.0\.0\/8/],
    [['0.0.0.0/0'], 'routes.0', /that is an exit node/],
    [['office'], 'routes.0', /is no prefix/],
    [['fd7a:115c:a1e0::/64'], 'routes.0', /is within fd7a/],
  ])('%j is refused with its place', async (routes, path, message) => {
    const id = await client('r1')
    await expect(setMachineRoutes(ctx, ann, { id, routes, exitNode: false })).rejects.toMatchObject({ code: 'invalid', path, message: expect.stringMatching(message) })
  })

  test('an agent routes nothing, and a viewer decides nothing', async () => {
    const { id } = await admitNode(ctx, claimOf('lock-1'))
    await expect(setMachineRoutes(ctx, ann, { id, routes: ['10.0.0.0/8'], exitNode: false })).rejects.toThrow(/it is an agent/)
    await expect(setMachineRoutes(ctx, person('viewer'), { id, routes: [], exitNode: false })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(setMachineRoutes(ctx, ann, { id: 999, routes: [], exitNode: false })).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a policy that names less takes the route from whom it leaves out', async () => {
    const viewer = await client('laptop')
    const router = await client('office', offers('10.9.0.0/16'))
    await setMachineRoutes(ctx, ann, { id: router, routes: ['10.9.0.0/16'], exitNode: false })
    const text = '{"grants": [{"src": ["100.64.0.0/10"], "dst": ["100.64.0.0/10"], "ip": ["*"]}]}'
    await savePolicy(ctx, ann, { text, expectedVersion: (await getPolicy(ctx, ann)).version, message: '' })
    await ctx.network.settled()
    expect(given(viewer, router)).toEqual([])
  })
})

describe('key expiry', () => {
  const owned = async (): Promise<number> => {
    const { id } = await database.db.user.create({ data: { name: 'Ann', email: 'ann@example.com' } })
    return client('laptop', {}, { ownerId: id, keyExpiry: new Date(ctx.time.now + 3 * day) })
  }

  test('off, on again from now, and ended by hand; each is in the map at once', async () => {
    const id = await owned()
    expect((await getOverview(ctx, ann)).attention.find((one) => one.id === `expires-${id}`)).toMatchObject({ title: 'The key of laptop expires soon' })
    expect(await setKeyExpiry(ctx, ann, { id, disabled: true })).toMatchObject({ keyExpiry: null, keyExpiryDisabled: true })
    expect(ctx.network.node(id)?.keyExpiry).toBeUndefined()
    expect((await getOverview(ctx, ann)).attention.filter((one) => one.id.startsWith('expire'))).toEqual([])

    expect(await expireKey(ctx, ann, { id })).toMatchObject({ keyExpired: true })
    expect(ctx.network.view(id)?.peers).toEqual([])
    expect(ctx.network.node(id)?.keyExpiry).toBe(ctx.time.now)
    // Extended without a login: it is back.
    expect(await setKeyExpiry(ctx, ann, { id, disabled: false })).toMatchObject({ keyExpired: false, keyExpiryDisabled: false, keyExpiry: new Date(ctx.time.now + 180 * day) })
    expect((await database.db.auditEvent.findMany({ orderBy: { id: 'asc' } })).map(({ action }) => action).filter((action) => action.includes('key'))).toEqual([
      'machine.set-key-expiry', 'machine.expire-key', 'machine.set-key-expiry',
    ])
  })

  test('a tagged machine’s key does not expire; the decision outlives its tags', async () => {
    const id = await owned()
    await setMachineTags(ctx, ann, { id, tags: ['tag:relay'] })
    expect(await setKeyExpiry(ctx, ann, { id, disabled: false })).toMatchObject({ keyExpiry: null })
    await setKeyExpiry(ctx, ann, { id, disabled: true })
    expect(await setMachineTags(ctx, ann, { id, tags: [] })).toMatchObject({ keyExpiry: null, keyExpiryDisabled: true })
    await expect(setKeyExpiry(ctx, person('viewer'), { id, disabled: true })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(expireKey(ctx, person('viewer'), { id })).rejects.toMatchObject({ code: 'forbidden' })
  })
})

test('a client’s own words: what it offers, and what keeps it from working', async () => {
  const id = await client('old', { PeerRelay: true, ShieldsUp: true, Distro: 'debian', DistroVersion: '12', NetInfo: { WorkingUDP: false, MappingVariesByDestIP: true, DERPLatency: {} } }, { capVersion: 100 })
  const { client: facts, warnings, capVersion } = await getMachine(ctx, ann, { id })
  expect(facts).toEqual({ system: 'Debian 12', relay: true, remoteConfig: false, hardNat: true, udp: false })
  expect([capVersion, warnings.length]).toEqual([100, 3])
  const { id: agent } = await admitNode(ctx, claimOf('lock-1'))
  expect(await getMachine(ctx, ann, { id: agent })).toMatchObject({ client: null, warnings: [], subnetRoutes: [] })
})
