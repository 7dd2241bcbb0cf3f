import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { withTestDb } from '../../db/testing.ts'
import { createAuthKey } from '../auth-key/create.ts'
import { listAuthKeys } from '../auth-key/list.ts'
import { revokeAuthKey } from '../auth-key/revoke.ts'
import type { createAuthKeySchema } from '../auth-key/shape.ts'
import { claimOf, emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { admitNode } from './admit.ts'
import { approveMachine } from './approve.ts'
import { leaveNetwork } from './leave.ts'
import { removeMachine } from './remove.ts'
import { createNodeUpkeep } from './upkeep.ts'
import type { z } from 'zod'

const database = withTestDb()
const day = 86_400_000
let ctx: TestContext
beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
})
afterEach(() => ctx.dispose())

const ann = person('admin')
const keyOf = async (input: z.input<typeof createAuthKeySchema> = {}): Promise<{ key: string; id: string }> => {
  const { key, row } = await createAuthKey(ctx, ann, { tags: ['tag:relay'], ...input })
  return { key, id: row.id }
}
const join = (name: string, authKey: string | undefined, prove = {}) => admitNode(ctx, claimOf(name, { ...(authKey === undefined ? {} : { authKey }), ...prove }))

describe('an auth key', () => {
  test('is shown once, with one line to paste, and kept as its hash', async () => {
    const { key, row, joinCommand, clientCommand, warning } = await createAuthKey(ctx, ann, { description: 'edge', tags: ['tag:relay'] })
    expect(joinCommand).toBe(`curl -fsSL http://192.0.2.1:3000/agent/install.sh | sh -s -- --auth-key ${key}`)
    expect(clientCommand).toBeNull()
    const reached = { ...ctx, server: { ...ctx.server, joinUrl: 'https://relay.example' } }
    const other = await createAuthKey(reached, ann, {})
    expect(other.clientCommand).toBe(`tailscale up --login-server=https://relay.example --auth-key=${other.key}`)
    await revokeAuthKey(ctx, ann, { id: other.row.id })
    expect(warning).toBe('')
    expect(row).toMatchObject({ description: 'edge', reusable: false, uses: 0, state: 'usable', createdBy: 'ann@example.com' })
    expect(key.startsWith(row.prefix)).toBe(true)
    expect(JSON.stringify(await database.db.authKey.findMany())).not.toContain(key.slice(row.prefix.length + 1))
    expect(JSON.stringify(await database.db.auditEvent.findMany({ select: { after: true } }))).not.toContain(key.slice(row.prefix.length + 1))
  })

  test('lets an agent in with the region that it names', async () => {
    const { id } = await join('lock-1', (await keyOf()).key, { region: ' fra 1 ' })
    expect(await database.db.relay.findUnique({ where: { nodeId: id } })).toMatchObject({ region: 'fra 1' })
    // From then on it is the page's.
    await database.db.relay.update({ where: { nodeId: id }, data: { region: 'ber' } })
    await join('lock-1', undefined, { region: 'fra 1' })
    expect(await database.db.relay.findUnique({ where: { nodeId: id } })).toMatchObject({ region: 'ber' })
  })

  test('may only give tags that the policy knows', async () => {
    await expect(keyOf({ tags: ['tag:relay', 'tag:nope'] })).rejects.toMatchObject({ code: 'invalid', path: 'tags.1', message: 'The policy does not know tag:nope' })
  })

  test('that is wrong, used up, expired or revoked says which', async () => {
    const { key } = await keyOf()
    const refusals: [string, string][] = [
      ['tpk_00000000_nonsense', 'The auth key is wrong'], [`${key.slice(0, -2)}AA`, 'The auth key is wrong'], ['', 'The auth key is wrong'],
    ]
    for (const [given, text] of refusals) await expect(join('lock-1', given)).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining(text) })
    await join('lock-1', ` ${key}\n`)
    await expect(join('lock-2', key)).rejects.toThrow(/is used up: it lets one machine in, and one joined with it on 2026-01-05/)

    const revoked = await keyOf()
    await revokeAuthKey(ctx, ann, { id: revoked.id })
    await expect(join('lock-2', revoked.key)).rejects.toThrow(/was revoked on 2026-01-05/)

    const expired = await keyOf({ validDays: 1 })
    ctx.time.now += day
    await expect(join('lock-2', expired.key)).rejects.toThrow(/has expired on 2026-01-06 00:00 UTC/)
    expect((await listAuthKeys(ctx, ann)).map(({ state }) => state).sort()).toEqual(['expired', 'revoked', 'used-up'])
    expect(await database.db.node.count()).toBe(1)
  })

  test('for one machine lets one of ten in that come at once', async () => {
    const { key, id } = await keyOf()
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => join(`lock-${i}`, key)))
    const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []))
    expect(refused).toHaveLength(9)
    expect(new Set(refused.map((text) => /is used up/.test(text)))).toEqual(new Set([true]))
    expect(await database.db.authKey.findUnique({ where: { id } })).toMatchObject({ uses: 1 })
    expect(await database.db.node.count()).toBe(1)
  })

  test('is not used up by a machine that cannot join for another reason', async () => {
    const { key, id } = await keyOf()
    await join('lock-1', (await keyOf()).key)
    await expect(join('lock-2', key, { nodeKey: claimOf('lock-1').prove.nodeKey })).rejects.toThrow(/lock-1 has this node key already/)
    expect(await database.db.authKey.findUnique({ where: { id } })).toMatchObject({ uses: 0, usedAt: null })
    await join('lock-2', key)
  })
})

describe('a machine that joins', () => {
  test('gets a name, addresses of both families and its key’s tags; an agent can relay, and does not yet', async () => {
    const { key } = await keyOf({ reusable: true })
    const [first, second] = [await join('lock-1.example.com', key), await join('LOCK-1', key)]
    expect(first).toMatchObject({ name: 'lock-1', addresses: ['100.64.0.1', 'fd7a:115c:a1e0:ab12:4843:cd96:6240:1'], viewRevision: 0 })
    expect(second).toMatchObject({ name: 'lock-1-1', addresses: ['100.64.0.2', 'fd7a:115c:a1e0:ab12:4843:cd96:6240:2'] })
    expect(await join('third', key, { name: 'lock-1' })).toMatchObject({ name: 'lock-1-2' })
    await ctx.network.settled()
    expect(ctx.network.node(first.id)).toMatchObject({ tags: ['tag:relay'], authorized: true, relayUp: false })
    expect(ctx.network.relayConfig(first.id)).toMatchObject({ advertised: false, port: 40_000 })
    expect(ctx.network.view(second.id)?.peers.map(({ name }) => name)).toEqual(['lock-1', 'lock-1-2'])
    const audit = await database.db.auditEvent.findFirst({ where: { action: 'machine.enrol' }, orderBy: { id: 'asc' } })
    expect(audit).toMatchObject({ actorKind: 'agent', actorName: 'lock-1', targetId: String(first.id), ip: '192.0.2.50' })
  })

  test('twice at once is one machine', async () => {
    const { key } = await keyOf({ reusable: true })
    const [one, two] = await Promise.all([join('lock-1', key), join('lock-1', key)])
    expect(one.id).toBe(two.id)
  })

  test('and is known comes back without a key, with a new disco key for the others', async () => {
    const { key } = await keyOf()
    const { id } = await join('lock-1', key)
    await ctx.network.settled()
    ctx.heard.length = 0
    expect(await join('lock-1', undefined)).toMatchObject({ id, name: 'lock-1' })
    expect(ctx.heard).toEqual([])
    const discoKey = claimOf('other').prove.discoKey
    expect(await join('lock-1', 'nonsense', { discoKey })).toMatchObject({ id })
    await ctx.network.settled()
    expect(ctx.network.node(id)?.discoKey).toBe(discoKey)
  })

  test('by a person’s untagged key is theirs, and its key expires', async () => {
    const { id: owner } = await database.db.user.create({ data: { name: 'Ann', email: 'ann@example.com', role: 'admin' } })
    const { id } = await join('laptop', (await keyOf({ tags: [] })).key)
    const row = await database.db.node.findUniqueOrThrow({ where: { id } })
    expect([row.ownerId, row.keyExpiry]).toEqual([owner, new Date(ctx.time.now + 180 * day)])
    await ctx.network.settled()
    expect(ctx.network.node(id)).toMatchObject({ owner: 'ann@example.com', ownerRole: 'admin' })

    ctx.time.now += 180 * day
    await expect(join('laptop', undefined)).rejects.toMatchObject({ code: 'forbidden', message: expect.stringContaining('The key of laptop expired on 2026-07-04') })
    const renewal = await keyOf({ tags: [] })
    expect(await join('laptop', renewal.key)).toMatchObject({ id })
    expect((await database.db.node.findUniqueOrThrow({ where: { id } })).keyExpiry).toEqual(new Date(ctx.time.now + 180 * day))
  })

  test('by the key of a token is nobody’s, whatever the token is called', async () => {
    await database.db.user.create({ data: { name: 'Ann', email: 'ann@example.com', role: 'owner' } })
    const token = { kind: 'token', id: 't', name: 'ann@example.com', role: 'admin', scopes: ['auth-keys:write'], ip: null } as const
    const { key, row } = await createAuthKey(ctx, token, {})
    expect(row.createdBy).toBe('API token ann@example.com')
    const { id } = await join('laptop', key)
    expect(await database.db.node.findUnique({ where: { id } })).toMatchObject({ ownerId: null })
  })

  test('without a key waits for approval, sees nobody, and is let in by somebody or by a key', async () => {
    const { id, authorized } = await join('stranger', undefined)
    const friend = await join('lock-1', (await keyOf()).key)
    expect([authorized, friend.authorized]).toEqual([false, true])
    await ctx.network.settled()
    expect(ctx.network.view(id)?.peers).toEqual([])
    expect(ctx.network.view(friend.id)?.peers).toEqual([])
    await expect(approveMachine(ctx, person('viewer'), { id })).rejects.toMatchObject({ code: 'forbidden' })
    expect(await approveMachine(ctx, ann, { id })).toMatchObject({ authorized: true })
    expect(ctx.network.view(id)?.peers.map(({ name }) => name)).toEqual(['lock-1'])

    const other = await join('late', undefined)
    await join('late', (await keyOf()).key)
    expect(await database.db.node.findUnique({ where: { id: other.id } })).toMatchObject({ authorized: true, tags: ['tag:relay'] })

    const { id: owner } = await database.db.user.create({ data: { name: 'Ann', email: 'ann@example.com', role: 'admin' } })
    const laptop = await join('laptop', undefined)
    await join('laptop', (await keyOf({ tags: [], ephemeral: true })).key)
    expect(await database.db.node.findUnique({ where: { id: laptop.id } })).toMatchObject({ authorized: true, ownerId: owner, ephemeral: true, keyExpiry: new Date(ctx.time.now + 180 * day) })
  })

  test('without a key only as long as few wait', async () => {
    for (let i = 0; i < 50; i++) await join(`stranger-${i}`, undefined)
    await expect(join('stranger-50', undefined)).rejects.toMatchObject({ code: 'unavailable' })
    await join('lock-1', (await keyOf()).key)
  })
})

describe('a machine that goes', () => {
  test('gives up its name at once and its address after 30 days', async () => {
    const { key } = await keyOf({ reusable: true, validDays: 365 })
    const first = await join('lock-1', key)
    expect(await removeMachine(ctx, ann, { id: first.id })).toEqual({ removed: true })
    await expect(removeMachine(ctx, ann, { id: first.id })).rejects.toMatchObject({ code: 'not-found' })
    expect(ctx.heard).toContain('node.removed')
    const again = await join('lock-1', key)
    expect(again.id).toBeGreaterThan(first.id)
    expect(again.name).toBe('lock-1')
    expect(again.addresses[0]).toBe('100.64.0.2')
    expect(await database.db.retiredAddress.findMany()).toEqual([{ ipv4: '100.64.0.1', freeAt: new Date(ctx.time.now + 30 * day) }])
  })

  test('for good is removed if it is ephemeral, and else stays', async () => {
    const stays = await join('lock-1', (await keyOf()).key)
    const goes = await join('sim-1', (await keyOf({ ephemeral: true, tags: ['tag:simulated'] })).key, { kind: 'simulated' })
    await leaveNetwork(ctx, stays.id)
    await leaveNetwork(ctx, goes.id)
    await leaveNetwork(ctx, goes.id)
    expect((await database.db.node.findMany()).map(({ name }) => name)).toEqual(['lock-1'])
  })

  test('without a word is swept after a minute if it is ephemeral', async () => {
    const { key } = await keyOf({ ephemeral: true, reusable: true, tags: ['tag:simulated'] })
    const [here, gone] = [await join('sim-1', key), await join('sim-2', key)]
    const errors: unknown[] = []
    const upkeep = createNodeUpkeep(ctx, (error) => errors.push(error), { startTimer: false })
    for (const { id } of [here, gone]) ctx.bus.publish('node.presence', { nodeId: id, online: true })
    ctx.time.now += 60_000
    await upkeep.tick()
    ctx.bus.publish('node.presence', { nodeId: gone.id, online: false })
    await expect.poll(async () => (await database.db.node.findUnique({ where: { id: gone.id } }))?.lastSeen?.getTime()).toBe(ctx.time.now)
    ctx.time.now += 59_000
    await upkeep.tick()
    expect(await database.db.node.count()).toBe(2)
    ctx.time.now += 1000
    await upkeep.tick()
    expect((await database.db.node.findMany()).map(({ name }) => name)).toEqual(['sim-1'])
    expect(errors).toEqual([])
    await upkeep.dispose()
  })
})
