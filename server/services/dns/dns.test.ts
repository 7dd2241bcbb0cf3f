import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { z } from 'zod'
import { dnsConfigFor } from '../../../netmap/index.ts'
import { withTestDb } from '../../db/testing.ts'
import { admitNode } from '../node/admit.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { getDns } from './get.ts'
import { saveDns } from './save.ts'
import type { saveDnsSchema } from './shape.ts'
import { dnsSettingKey } from './stored.ts'

const database = withTestDb()
let ctx: TestContext
beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
})
afterEach(() => ctx.dispose())

const ann = person('admin')
const asNew = { domain: 'towpath.internal', magicDns: true as const, searchDomains: [], resolvers: [], routes: [], records: [] }
const save = (part: Partial<z.input<typeof saveDnsSchema>>) => saveDns(ctx, ann, { ...asNew, ...part })

test('a new network has a domain of its own and asks each machine’s own resolver', async () => {
  expect(await getDns(ctx, person('viewer'))).toEqual({ ...asNew, machines: 0 })
})

test('what is saved is canonical, in every view at once, and written down', async () => {
  const { id } = await admitNode(ctx, claimOf('lock-1'))
  await ctx.network.settled()
  const saved = await save({
    domain: 'Net.Example.com.', searchDomains: ['Corp.example', 'corp.example'], resolvers: ['9.9.9.9', '[2001:DB8::53]:5353', 'https://dns.example/dns-query'],
    routes: [{ suffix: 'corp.example.', resolvers: ['10.0.0.53', '10.0.0.53'] }],
    records: [{ name: 'NAS.net.example.com', value: '10.0.0.9' }, { name: 'nas.net.example.com', value: '2001:DB8:0::9' }],
  })
  expect(saved).toEqual({
    domain: 'net.example.com', magicDns: true, machines: 1, searchDomains: ['corp.example'], resolvers: ['9.9.9.9', '[2001:db8::53]:5353', 'https://dns.example/dns-query'],
    routes: [{ suffix: 'corp.example', resolvers: ['10.0.0.53'] }],
    records: [{ name: 'nas.net.example.com', type: 'A', value: '10.0.0.9' }, { name: 'nas.net.example.com', type: 'AAAA', value: '2001:db8::9' }],
  })
  const view = ctx.network.view(id)
  expect(view?.names).toBe(ctx.network.network().names)
  expect(view && dnsConfigFor(view.names)).toMatchObject({ Proxied: true, Domains: ['net.example.com', 'corp.example'] })
  const [event] = await database.db.auditEvent.findMany({ where: { action: 'dns.save' } })
  expect(event).toMatchObject({ actorName: 'Ann', before: { domain: 'towpath.internal', resolvers: [] }, after: { domain: 'net.example.com' } })
  expect(event?.after).not.toHaveProperty('magicDns')

  ctx.heard.length = 0
  await save({ ...saved, magicDns: true })
  expect(ctx.heard).toEqual([])
})

describe('refused with its place', () => {
  test.each([
    ['domain', { domain: 'home' }, /"home" has one part only/],
    ['domain', { domain: 'a.local' }, /\.local is for multicast DNS/],
    ['domain', { domain: '' }, /is empty/],
    ['domain', { domain: '10.0.0.1' }, /is an address/],
    ['domain', { domain: 'a b.example' }, /no name of the DNS/],
    ['domain', { domain: 'net.123' }, /reads as an address/],
    ['domain', { domain: `${'a.'.repeat(95)}com` }, /longer than 189/],
    ['resolvers.1', { resolvers: ['9.9.9.9', 'dns.example'] }, /no address of a resolver/],
    ['resolvers.0', { resolvers: ['http://dns.example/'] }, /no address of a resolver/],
    ['resolvers.0', { resolvers: ['9.9.9.9:0'] }, /no address of a resolver/],
    ['resolvers.0', { resolvers: ['100.100.100.100'] }, /is MagicDNS itself/],
    ['resolvers.0', { resolvers: ['224.0.0.1'] }, /nobody can send to/],
    ['routes.0.suffix', { routes: [{ suffix: 'towpath.internal', resolvers: ['10.0.0.1'] }] }, /the network’s own domain/],
    ['routes.1.suffix', { routes: [{ suffix: 'a.example', resolvers: ['10.0.0.1'] }, { suffix: 'A.example', resolvers: ['10.0.0.2'] }] }, /there twice/],
    ['routes.0.resolvers.0', { routes: [{ suffix: 'a.example', resolvers: ['x'] }] }, /no address of a resolver/],
    ['records.0.name', { records: [{ name: 'nas', value: '10.0.0.1' }] }, /one part only/],
    ['records.0.value', { records: [{ name: 'nas.example.com', value: 'other.example.com' }] }, /is no address/],
    ['searchDomains.0', { searchDomains: ['-x'] }, /no name of the DNS/],
  ])('%s of %j', async (path, part, message) => {
    await expect(save(part)).rejects.toMatchObject({ code: 'invalid', path, message: expect.stringMatching(message) })
  })

  test('a record of a machine’s name', async () => {
    await admitNode(ctx, claimOf('lock-1'))
    await expect(save({ records: [{ name: 'nas.towpath.internal', value: '10.0.0.1' }, { name: 'lock-1.towpath.internal', value: '10.0.0.1' }] }))
      .rejects.toMatchObject({ code: 'conflict', path: 'records.1.name' })
  })

  test('a viewer', async () => {
    await expect(saveDns(ctx, person('viewer'), asNew)).rejects.toMatchObject({ code: 'forbidden' })
  })
})

test('what another version may have stored counts as not set, member by member', async () => {
  await database.db.setting.create({ data: { key: dnsSettingKey, value: { domain: 'net.example', magicDns: 'yes', routes: [{ suffix: 'a' }], resolvers: ['9.9.9.9'] } } })
  expect(await getDns(ctx, ann)).toMatchObject({ domain: 'net.example', magicDns: true, routes: [], resolvers: ['9.9.9.9'] })
})
