import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { derpMap } from '../../../netmap/index.ts'
import { withTestDb } from '../../db/testing.ts'
import { TowpathError } from '../../errors/index.ts'
import { createAuthKey } from '../auth-key/create.ts'
import { admitNode } from '../node/admit.ts'
import { reportStatus } from '../node/status.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import type { FetchMap } from './fetch-map.ts'
import { followDerpRegions, isSourceDue, type DerpRegions } from './follow.ts'
import { listDerpRegions } from './list.ts'
import { nameOwnDerp } from './name-own.ts'
import { refreshDerpSource } from './refresh-source.ts'
import { removeDerpRegion } from './remove.ts'
import { saveDerpRegion } from './save.ts'
import { setDerpSource } from './set-source.ts'
import { noSource } from './stored.ts'

const database = withTestDb()
let ctx: TestContext
let regions: DerpRegions
let answer: Awaited<ReturnType<FetchMap>>
const asked: string[] = []
const errors: unknown[] = []
const fetch: FetchMap = async (url) => {
  asked.push(url)
  return answer
}
beforeEach(async () => {
  await emptyDb(database.db)
  asked.length = 0
  errors.length = 0
  ctx = await testContext(database.db)
  regions = await followDerpRegions(ctx, (error) => errors.push(error), { fetch, startTimer: false })
  regions.setOwn(own, 'the DERP server is up')
})
afterEach(async () => {
  await regions.dispose()
  ctx.dispose()
  if (errors.length > 0) throw new AggregateError(errors, 'what nobody expected')
})

const ann = person('admin')
const pin = `sha256-raw:${'ab'.repeat(32)}`
const own = { host: '192.0.2.1', derpPort: 3443, stunPort: 3478, pins: [pin], ipv6: true, port80: false }
const far = { code: 'far', name: 'Far away', servers: [{ host: 'Derp.example.com', ipv6: 'none', pin: 'AB'.repeat(32) }, { host: '192.0.2.9', derpPort: 8443, stunPort: 0 }] }
const listed = (...ids: number[]) => ({ ok: true as const, value: { Regions: Object.fromEntries(ids.map((id) => [id, { RegionID: id, RegionCode: `c${id}`, Nodes: [{ HostName: `d${id}.example.com` }] }])) } })
const day = 24 * 3_600_000

/** Ids of the regions that nodes are told of, once what was published is taken in. */
const told = async (): Promise<number[]> => {
  await regions.tick()
  return ctx.network.network().derpRegions.map(({ id }) => id)
}
const refused = async (attempt: Promise<unknown>): Promise<object> => {
  const error = await attempt.then(() => undefined, (thrown: unknown) => thrown)
  if (!(error instanceof TowpathError)) throw new Error('it was not refused')
  return { code: error.code, text: error.message, path: error.path }
}
const audited = async () => (await database.db.auditEvent.findMany({ where: { targetKind: { startsWith: 'derp' } }, orderBy: { id: 'asc' } })).map(({ action, targetName }) => `${action} ${targetName}`)

test('a network has our region alone at first, and its name is ours to choose', async () => {
  expect(await listDerpRegions(ctx, person('viewer'))).toEqual({
    own: { id: 900, code: 'home', name: 'Home', machines: 0, servers: [{ host: '192.0.2.1', ipv4: '192.0.2.1', ipv6: 'none', derpPort: 3443, stunPort: 3478, pin }] },
    saved: [], source: { url: '', state: 'none', error: '', fetchedAt: null, triedAt: null, regions: [], leftOut: [] },
  })
  expect(await nameOwnDerp(ctx, ann, { code: 'AMS', name: 'Amsterdam' })).toMatchObject({ own: { code: 'ams', name: 'Amsterdam' } })
  expect(await told()).toEqual([900])
  expect(ctx.network.network().derpRegions[0]).toMatchObject({ id: 900, code: 'ams', name: 'Amsterdam' })
  expect(await audited()).toEqual(['derp.change ams'])
  await nameOwnDerp(ctx, ann, { code: 'ams', name: 'Amsterdam' })
  expect(await audited()).toHaveLength(1)
})

test('a region of servers elsewhere: added, told to every node, changed, removed', async () => {
  const { saved } = await saveDerpRegion(ctx, ann, far)
  expect(saved).toEqual([{ id: 901, code: 'far', name: 'Far away', machines: 0, servers: [
    { host: 'derp.example.com', ipv4: '', ipv6: 'none', derpPort: 443, stunPort: 3478, pin },
    { host: '192.0.2.9', ipv4: '', ipv6: '', derpPort: 8443, stunPort: 0, pin: '' },
  ] }])
  expect(await told()).toEqual([900, 901])
  expect(derpMap(ctx.network.network().derpRegions).Regions['901']?.Nodes).toEqual([
    { Name: '901a', RegionID: 901, HostName: 'derp.example.com', CertName: pin, IPv6: 'none' },
    { Name: '901b', RegionID: 901, HostName: '192.0.2.9', STUNPort: -1, DERPPort: 8443 },
  ])
  await saveDerpRegion(ctx, ann, { ...far, code: 'second' })
  await saveDerpRegion(ctx, ann, { ...far, id: 901, name: 'Farther' })
  expect((await listDerpRegions(ctx, ann)).saved.map(({ id, code, name }) => [id, code, name])).toEqual([[901, 'far', 'Farther'], [902, 'second', 'Far away']])
  await removeDerpRegion(ctx, ann, { id: 901 })
  expect(await told()).toEqual([900, 902])
  expect(await audited()).toEqual(['derp.add far', 'derp.add second', 'derp.change far', 'derp.remove far'])
})

test('whose home a region is: shown by its code, and counted', async () => {
  await saveDerpRegion(ctx, ann, far)
  const { key } = await createAuthKey(ctx, ann, { tags: ['tag:relay'] })
  const { id } = await admitNode(ctx, claimOf('lock-1', { authKey: key }))
  await ctx.network.settled()
  await reportStatus(ctx, id, { type: 'status', homeDerp: 901, endpoints: [] })
  await ctx.network.settled()
  expect(await listDerpRegions(ctx, ann)).toMatchObject({ own: { machines: 0 }, saved: [{ machines: 1 }] })
  expect(ctx.network.view(id)?.derpRegions.map(({ code }) => code)).toEqual(['home', 'far'])
})

test('a region that is a home of machines stays for them, and for nobody else, until they have left', async () => {
  await saveDerpRegion(ctx, ann, far)
  await told()
  const { key } = await createAuthKey(ctx, ann, { tags: ['tag:relay'], reusable: true })
  const at = async (name: string) => {
    const { id } = await admitNode(ctx, claimOf(name, { authKey: key }))
    await ctx.network.settled()
    ctx.bus.publish('node.presence', { nodeId: id, online: true })
    await reportStatus(ctx, id, { type: 'status', homeDerp: 901, endpoints: [] })
    await ctx.network.settled()
    return id
  }
  const id = await at('lock-1')
  await removeDerpRegion(ctx, ann, { id: 901 })
  expect(await told()).toEqual([900, 901])
  expect(ctx.network.network().derpRegions[1]).toMatchObject({ noHome: true })
  expect((await listDerpRegions(ctx, ann)).saved).toEqual([])
  await reportStatus(ctx, id, { type: 'status', homeDerp: 900, endpoints: [] })
  await ctx.network.settled()
  expect(await told()).toEqual([900])
  await saveDerpRegion(ctx, ann, far)
  await told()
  await at('lock-2')
  await removeDerpRegion(ctx, ann, { id: 901 })
  expect(await told()).toEqual([900, 901])
  ctx.time.now += 180_000
  expect(await told()).toEqual([900])
})

describe('what is refused', () => {
  test.each<[string, Partial<typeof far> & { id?: number }, string]>([
    ['the code of our own region', { code: 'home' }, 'code'],
    ['an unknown region', { id: 950 }, 'id'],
  ])('%s', async (_what, part, path) => {
    expect(await refused(saveDerpRegion(ctx, ann, { ...far, ...part }))).toMatchObject({ path })
  })

  test.each<[string, object, string]>([
    ['no server', { servers: [] }, 'a region has a server at least'],
    ['a URL for a host', { servers: [{ host: 'https://derp.example.com' }] }, 'without https:// and port'],
    ['half a pin', { servers: [{ host: 'derp.example.com', pin: 'abcd' }] }, '64 hex digits'],
    ['an address of the other family', { servers: [{ host: 'derp.example.com', ipv4: '2001:db8::1' }] }, 'such as 192.0.2.1'],
    ['our own number', { id: 900 }, '901'],
    ['a code with spaces', { code: 'a b' }, 'small letters'],
  ])('%s', async (_what, part, text) => {
    await expect(saveDerpRegion(ctx, ann, { ...far, ...part })).rejects.toThrow(text)
    expect((await listDerpRegions(ctx, ann)).saved).toEqual([])
  })

  test('a code that another region has; removing ours; everything for a viewer', async () => {
    await saveDerpRegion(ctx, ann, far)
    expect(await refused(nameOwnDerp(ctx, ann, { code: 'far', name: 'x' }))).toMatchObject({ code: 'conflict', path: 'code' })
    expect(await refused(removeDerpRegion(ctx, ann, { id: 900 }))).toMatchObject({ code: 'not-found' })
    expect(await refused(refreshDerpSource(ctx, ann, fetch))).toMatchObject({ code: 'not-found' })
    const viewer = person('viewer')
    for (const attempt of [
      saveDerpRegion(ctx, viewer, far), removeDerpRegion(ctx, viewer, { id: 901 }), nameOwnDerp(ctx, viewer, far),
      setDerpSource(ctx, viewer, { url: 'http://192.0.2.1/' }, fetch), refreshDerpSource(ctx, viewer, fetch),
    ]) expect(await refused(attempt)).toMatchObject({ code: 'forbidden' })
    expect(asked).toEqual([])
  })
})

describe('regions by URL', () => {
  const url = 'https://example.com/derpmap.json'

  test('are fetched at once; what clashes with regions here is left out and said', async () => {
    await saveDerpRegion(ctx, ann, far)
    answer = listed(1, 900, 901, 950)
    expect((await setDerpSource(ctx, ann, { url: ` ${url} ` }, fetch)).source).toMatchObject({
      url, state: 'good', fetchedAt: new Date(ctx.time.now), regions: [{ id: 1, code: 'c1' }, { id: 950 }],
      leftOut: ['region 900: the number is that of our own region', 'region 901: the number is taken by a region that was added here'],
    })
    expect(await told()).toEqual([900, 901, 1, 950])
    expect((await saveDerpRegion(ctx, ann, { ...far, code: 'next' })).saved.map(({ id }) => id)).toEqual([901, 902])
    await setDerpSource(ctx, ann, { url: '' }, fetch)
    expect(await told()).toEqual([900, 901, 902])
    expect(await audited()).toEqual(['derp.add far', `derp.set-source ${url}`, 'derp.add next', `derp.set-source ${url}`])
  })

  test('a URL that gives none is refused with the reason, and all stays', async () => {
    answer = listed(1)
    await setDerpSource(ctx, ann, { url }, fetch)
    answer = { ok: false, reason: 'it answers with status 404' }
    expect(await refused(setDerpSource(ctx, ann, { url: `${url}x` }, fetch))).toEqual({ code: 'invalid', path: 'url', text: `${url}x gives no DERP regions: it answers with status 404` })
    await expect(setDerpSource(ctx, ann, { url: 'file:///etc/passwd' }, fetch)).rejects.toThrow('an address such as')
    await expect(setDerpSource(ctx, ann, { url: 'https://me:secret@example.com/' }, fetch)).rejects.toThrow('without a user and a password')
    expect((await listDerpRegions(ctx, ann)).source).toMatchObject({ url, regions: [{ id: 1 }] })
  })

  test('are asked for again each day, each hour while that fails, and the last good ones stay', async () => {
    answer = listed(1)
    await setDerpSource(ctx, ann, { url }, fetch)
    await regions.tick()
    asked.length = 0
    ctx.time.now += day - 1
    await regions.tick()
    expect(asked).toEqual([])
    answer = { ok: false, reason: 'its name is not found' }
    ctx.time.now += 1
    expect(await told()).toEqual([900, 1])
    expect((await listDerpRegions(ctx, ann)).source).toMatchObject({ state: 'failing', error: 'its name is not found', fetchedAt: new Date(ctx.time.now - day), triedAt: new Date(ctx.time.now) })
    answer = listed(2)
    ctx.time.now += 3_600_000 - 1
    await regions.tick()
    expect(asked).toHaveLength(1)
    ctx.time.now += 1
    expect(await told()).toEqual([900, 2])
    expect((await listDerpRegions(ctx, ann)).source).toMatchObject({ state: 'good', error: '', leftOut: [] })
    expect(await audited()).toEqual([`derp.set-source ${url}`, `derp.refresh ${url}`])
  })

  test('a map that cannot be read is a failure too', async () => {
    answer = listed(1)
    await setDerpSource(ctx, ann, { url }, fetch)
    answer = { ok: true, value: { Regions: null } }
    expect((await refreshDerpSource(ctx, ann, fetch)).source).toMatchObject({ state: 'failing', error: expect.stringContaining('no DERP map'), regions: [{ id: 1 }] })
  })

  test('stored ones are there again after a restart, before anything is fetched', async () => {
    answer = listed(1)
    await setDerpSource(ctx, ann, { url }, fetch)
    await saveDerpRegion(ctx, ann, far)
    const again = await followDerpRegions(ctx, (error) => errors.push(error), { fetch, startTimer: false })
    again.setOwn({ ...own, pins: [] }, 'the DERP server is up')
    expect(ctx.network.network().derpRegions.map(({ id }) => id)).toEqual([900, 901, 1])
    expect(ctx.network.network().derpRegions[0]?.nodes[0].pins).toEqual([])
    expect(asked).toHaveLength(1)
    await again.dispose()
  })
})

test('an end breaks off what is being fetched, and blames nobody for it', async () => {
  answer = listed(1)
  await setDerpSource(ctx, ann, { url: 'http://192.0.2.1/' }, fetch)
  let isAsked = false
  const slow = await followDerpRegions(ctx, (error) => errors.push(error), {
    startTimer: false,
    fetch: (_url, signal) => new Promise((resolve) => {
      isAsked = true
      signal?.addEventListener('abort', () => resolve({ ok: false, reason: 'broken off' }))
    }),
  })
  ctx.time.now += day
  const ticked = slow.tick()
  await expect.poll(() => isAsked).toBe(true)
  await slow.dispose()
  await ticked
  expect((await listDerpRegions(ctx, ann)).source).toMatchObject({ state: 'good', error: '' })
})

test.each<[string, Partial<typeof noSource>, boolean]>([
  ['none', {}, false],
  ['one that was never asked', { url: 'http://a' }, true],
  ['one asked an hour ago', { url: 'http://a', triedAt: new Date(day - 3_600_000) }, false],
  ['one that failed an hour ago', { url: 'http://a', triedAt: new Date(day - 3_600_000), error: 'x' }, true],
  ['one asked a day ago', { url: 'http://a', triedAt: new Date(0) }, true],
  ['one asked in a future that is over', { url: 'http://a', triedAt: new Date(3 * day) }, true],
])('a source is due: %s', (_what, part, due) => {
  expect(isSourceDue({ ...noSource, ...part }, day)).toBe(due)
})
