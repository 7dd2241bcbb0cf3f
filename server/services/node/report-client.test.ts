import { afterEach, beforeEach, expect, test } from 'vitest'
import { hostinfoSchema, zeroKey } from '../../../protocol/tailcfg/index.ts'
import { withTestDb } from '../../db/testing.ts'
import { emptyDb, testContext, type TestContext } from '../testing.ts'
import { nodeInclude } from '../network/load.ts'
import { clientWarnings } from './client-facts.ts'
import { joinClient } from './join-client.ts'
import { reportClient, usableEndpoints } from './report-client.ts'

const database = withTestDb()
const key = (kind: string, digit: string): string => `${kind}:${digit.repeat(64)}`
const hostinfo = (more: object = {}) => hostinfoSchema.parse({ Hostname: 'laptop', OS: 'linux', IPNVersion: '1.102.3-t1', ...more })
let ctx: TestContext
let id: number

beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  const claim = { machineKey: key('mkey', '1'), nodeKey: key('nodekey', '2'), capVersion: 142, hostinfo: hostinfo(), ephemeral: false, ip: '192.0.2.1' }
  const { record } = await database.db.$transaction((tx) => joinClient(ctx, tx, () => {}, claim, { tags: [], ownerId: null, personId: null, ephemeral: false, authorized: true }))
  id = record.id
  ctx.heard.length = 0
})
afterEach(() => ctx.dispose())

/** How often others were told. */
const told = (): number => ctx.heard.filter((name) => name === 'node.changed').length
const row = () => database.db.node.findUniqueOrThrow({ where: { id } })

test('endpoints that mean something elsewhere, in one spelling, at most 64', () => {
  expect(usableEndpoints(['192.0.2.1:41641', '[2001:DB8:0::1]:1', '[2001:db8::1]:1', '[fe80::1]:1', '[fe80::1%eth0]:1', '[febf::1]:1', '192.0.2.1:0', 'x', '[fec0::1]:1']))
    .toEqual(['192.0.2.1:41641', '[2001:db8::1]:1', '[fec0::1]:1'])
  expect(usableEndpoints(Array.from({ length: 70 }, (_, i) => `192.0.2.1:${i + 1}`))).toHaveLength(64)
})

test('a new disco key is told, the same one is not, and zeros never take it away', async () => {
  await reportClient(ctx, id, { discoKey: key('discokey', '3'), capVersion: 142 })
  expect(told()).toBe(1)
  await reportClient(ctx, id, { discoKey: key('discokey', '3'), capVersion: 142 })
  await reportClient(ctx, id, { discoKey: zeroKey('discokey') })
  await reportClient(ctx, id, {})
  expect(told()).toBe(1)
  expect((await row()).discoKey).toBe(key('discokey', '3'))
})

test('what it says of itself is stored; how long packets take is told to nobody; another host name renames nothing', async () => {
  const net = { PreferredDERP: 900, WorkingUDP: true, DERPLatency: { '900-v4': 0.01 } }
  await reportClient(ctx, id, { hostinfo: hostinfo({ NetInfo: net, OSVersion: '12' }), endpoints: ['192.0.2.1:1'] })
  expect(await row()).toMatchObject({ homeDerp: 900, endpoints: ['192.0.2.1:1'], hostinfo: { OSVersion: '12', NetInfo: { WorkingUDP: true } } })
  expect(told()).toBe(1)
  await reportClient(ctx, id, { hostinfo: hostinfo({ NetInfo: { ...net, DERPLatency: { '900-v4': 0.02 } }, OSVersion: '12' }), endpoints: ['192.0.2.1:1'] })
  expect(await row()).toMatchObject({ hostinfo: { NetInfo: { DERPLatency: { '900-v4': 0.02 } } } })
  expect(told()).toBe(1)
  // A home that is lost for a moment stays.
  await reportClient(ctx, id, { hostinfo: hostinfo({ Hostname: 'desk', IPNVersion: '1.103.0-t2', NetInfo: { ...net, PreferredDERP: 0 }, OSVersion: '12' }) })
  expect(await row()).toMatchObject({ name: 'laptop', hostname: 'desk', version: '1.103.0', homeDerp: 900 })
  expect(told()).toBe(2)
})

test('a machine that is set up as a peer relay is offered as one', async () => {
  await reportClient(ctx, id, { hostinfo: hostinfo({ PeerRelay: true }) })
  await ctx.network.settled()
  expect(ctx.heard).toContain('relay.changed')
  expect(ctx.network.node(id)?.facts.peerRelay).toBe(true)
  expect(await database.db.relay.count({ where: { nodeId: id } })).toBe(1)
})

test('a machine that was removed says nothing any more', async () => {
  await database.db.node.delete({ where: { id } })
  await reportClient(ctx, id, { capVersion: 143 })
  expect(told()).toBe(0)
})

test('what its own checks found is stored, told once, said on its page, and gone when it is mended', async () => {
  const warnings = async () => clientWarnings(await database.db.node.findUniqueOrThrow({ where: { id }, include: nodeInclude }))
  const before = await warnings()
  await reportClient(ctx, id, { debugFlags: ['warn-ip-forwarding-off', 'unheard-of'] })
  await reportClient(ctx, id, { debugFlags: ['unheard-of', 'warn-ip-forwarding-off'] })
  expect(told()).toBe(1)
  expect((await warnings()).filter((text) => !before.includes(text))).toEqual([expect.stringContaining('does not forward packets: set net.ipv4.ip_forward=1')])
  await reportClient(ctx, id, { debugFlags: [] })
  expect(await warnings()).toEqual(before)
})
