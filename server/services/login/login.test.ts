import { createHash, randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { hostinfoSchema } from '../../../protocol/tailcfg/index.ts'
import { createAuth } from '../../auth/index.ts'
import { withTestDb } from '../../db/testing.ts'
import type { Actor } from '../actor.ts'
import type { ClientClaim } from '../node/client-claim.ts'
import { invitePerson } from '../person/invite.ts'
import { updateSettings } from '../setting/update.ts'
import { emptyDb, person, testContext, type TestContext } from '../testing.ts'
import { createLogin, loginLifetime } from './create.ts'
import { decideLogin } from './decide.ts'
import { getLogin } from './get.ts'
import { loginHash } from './secret.ts'

const database = withTestDb()
let ctx: TestContext
let ann: Actor & { readonly kind: 'user' }
let bob: Actor & { readonly kind: 'user' }
beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  const account = async (name: string, role: 'admin' | 'viewer') => ({
    ...person(role, name), id: (await database.db.user.create({ data: { name, email: `${name.toLowerCase()}@example.com`, role } })).id,
  })
  ann = await account('Ann', 'admin')
  bob = await account('Bob', 'viewer')
})
afterEach(() => ctx.dispose())

const key = (kind: string, name: string): string => `${kind}:${createHash('sha256').update(`${kind} ${name}`).digest('hex')}`
const claim = (name: string, more: Partial<ClientClaim> & { readonly said?: object } = {}): ClientClaim => {
  const { said = {}, ...rest } = more
  return {
    machineKey: key('mkey', name), nodeKey: key('nodekey', name), capVersion: 142, ephemeral: false, ip: '198.51.100.7',
    hostinfo: hostinfoSchema.parse({ Hostname: name, OS: 'linux', Distro: 'debian', DistroVersion: '12', IPNVersion: '1.102.3-t1', ...said }), ...rest,
  }
}
const asked = async (name: string, more = {}): Promise<string> => (await createLogin(ctx, claim(name, more))).split('/').at(-1) ?? ''

describe('what its person sees', () => {
  test('is what the machine says of itself, and where it is', async () => {
    const id = await asked('laptop', { said: { RequestTags: ['tag:relay'] }, ephemeral: true })
    const { state, machine, joined } = await getLogin(ctx, bob, { id })
    expect([state, joined]).toEqual(['waiting', null])
    expect(machine).toEqual({
      hostname: 'laptop', os: 'Debian 12', version: '1.102.3', ip: '198.51.100.7', sameAddress: false, askedAt: new Date(ctx.time.now),
      expiresAt: new Date(ctx.time.now + loginLifetime), ephemeral: true, tags: ['tag:relay'], refusedTags: ['tag:relay'], returning: null, needsApproval: false,
    })
    expect((await getLogin(ctx, ann, { id })).machine).toMatchObject({ refusedTags: [] })
    expect((await getLogin(ctx, { ...bob, ip: '198.51.100.7' }, { id })).machine).toMatchObject({ sameAddress: true })
  })

  test.each([
    [{ OS: 'windows', Distro: '', OSVersion: '10.0.22631.4317' }, 'Windows 10.0.22631.4317'], [{ OS: 'macOS', Distro: '', OSVersion: '15.1' }, 'macOS 15.1'],
    [{ OS: 'linux', Distro: '', DistroVersion: '', OSVersion: '6.1.0-26-amd64 #1' }, 'Linux 6.1.0-26-amd64'], [{ OS: '', Distro: '', OSVersion: '' }, ''],
  ])('names the system: %j is "%s"', async (said, os) => {
    expect((await getLogin(ctx, ann, { id: await asked('laptop', { said }) })).machine?.os).toBe(os)
  })

  test('is a machine of theirs that comes back, not another’s', async () => {
    const first = await decideLogin(ctx, bob, { id: await asked('laptop'), approve: true })
    const again = await asked('laptop', { nodeKey: key('nodekey', 'new'), oldNodeKey: key('nodekey', 'laptop') })
    expect((await getLogin(ctx, bob, { id: again })).machine?.returning).toEqual({ id: first.joined?.id, name: 'laptop' })
    expect((await getLogin(ctx, ann, { id: again })).machine?.returning).toBeNull()
    await decideLogin(ctx, bob, { id: again, approve: true })
    expect([(await getLogin(ctx, bob, { id: again })).joined?.another, (await getLogin(ctx, ann, { id: again })).joined?.another]).toEqual([false, true])
  })

  test('says whether it waits for somebody else after that', async () => {
    await updateSettings(ctx, ann, { machineApproval: true })
    const id = await asked('laptop')
    expect([(await getLogin(ctx, bob, { id })).machine?.needsApproval, (await getLogin(ctx, ann, { id })).machine?.needsApproval]).toEqual([true, false])
    expect(await decideLogin(ctx, bob, { id, approve: true })).toMatchObject({ state: 'approved', joined: { name: 'laptop', authorized: false } })
    const again = await asked('laptop', { nodeKey: key('nodekey', 'new'), oldNodeKey: key('nodekey', 'laptop') })
    expect((await getLogin(ctx, bob, { id: again })).machine).toMatchObject({ returning: { name: 'laptop' }, needsApproval: true })
  })

  test.each(['', 'x', 'A'.repeat(22), '../../etc', 'A'.repeat(200)])('behind "%s" is nothing', async (id) => {
    expect(await getLogin(ctx, ann, { id })).toEqual({ state: 'unknown', machine: null, joined: null })
    await expect(decideLogin(ctx, ann, { id, approve: true })).rejects.toMatchObject({ code: 'conflict', message: 'No machine asks to join here' })
  })
})

describe('a decision', () => {
  test('is a person’s, once, and in time', async () => {
    const id = await asked('laptop')
    const token = { kind: 'token', id: 't', name: 'ci', role: 'owner', scopes: ['machines:write'], ip: null } as const
    await expect(getLogin(ctx, token, { id })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(decideLogin(ctx, token, { id, approve: true })).rejects.toMatchObject({ code: 'forbidden' })
    expect(await decideLogin(ctx, bob, { id, approve: false })).toMatchObject({ state: 'refused', joined: null })
    await expect(decideLogin(ctx, ann, { id, approve: true })).rejects.toMatchObject({ code: 'conflict', message: 'This machine was refused already' })
    const late = await asked('laptop')
    ctx.time.now += loginLifetime
    expect((await getLogin(ctx, ann, { id: late })).state).toBe('lapsed')
    await expect(decideLogin(ctx, ann, { id: late, approve: true })).rejects.toMatchObject({ code: 'conflict', message: 'This machine asked too long ago' })
    expect(await database.db.node.count()).toBe(0)
  })

  test('of two at once is one', async () => {
    const id = await asked('laptop')
    const both = await Promise.allSettled([decideLogin(ctx, ann, { id, approve: true }), decideLogin(ctx, bob, { id, approve: true })])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect([await database.db.node.count(), ctx.heard.filter((name) => name === 'login.changed').length]).toEqual([1, 1])
  })

  test('that fails leaves it waiting', async () => {
    const id = await asked('laptop')
    await database.db.node.create({
      data: {
        stableId: 's', kind: 'agent', name: 'm', machineKey: 'm', nodeKey: key('nodekey', 'laptop'), discoKey: 'd', ipv4: '100.64.0.1', ipv6: 'fd00::1', capVersion: 1, hostname: 'm', os: 'linux', version: '0.1.0',
      },
    })
    await expect(decideLogin(ctx, ann, { id, approve: true })).rejects.toMatchObject({ code: 'forbidden', message: 'm has this node key already' })
    expect((await getLogin(ctx, ann, { id })).state).toBe('waiting')
  })

  test('is made by one who was just invited', async () => {
    const owner = person('owner', 'Olga')
    const { link } = await invitePerson(ctx, owner, { role: 'viewer' })
    const auth = createAuth({ db: database.db, secret: 'x'.repeat(64), publicUrl: 'http://192.0.2.1:3000', clock: ctx.clock, random: randomBytes, onPerson: () => {}, onError: (error) => { throw error } })
    await auth.door.redeem({ token: link.split('token=')[1] ?? '', name: 'Eve', email: 'eve@example.com', password: 'correct horse' }, new Headers())
    const { id, email } = await database.db.user.findUniqueOrThrow({ where: { email: 'eve@example.com' } })
    await decideLogin(ctx, { kind: 'user', id, name: 'Eve', email, role: 'viewer', ip: null }, { id: await asked('phone'), approve: true })
    expect(ctx.network.nodeByKey(key('nodekey', 'phone'))).toMatchObject({ owner: 'eve@example.com', authorized: true })
  })
})

describe('logins that wait', () => {
  test('are kept as hashes', async () => {
    const id = await asked('laptop')
    expect(id).toMatch(/^[\w-]{22}$/)
    expect(JSON.stringify([await database.db.pendingLogin.findMany(), await database.db.auditEvent.findMany({ select: { after: true } })])).not.toContain(id)
    expect((await database.db.pendingLogin.findFirstOrThrow()).id).toBe(loginHash(`http://192.0.2.1:3000/register/${id}`))
  })

  test('are ten of one machine, the newest', async () => {
    const ids: string[] = []
    for (let i = 0; i < 11; i++) {
      ids.push(await asked('laptop'))
      ctx.time.now += 1000
    }
    expect((await getLogin(ctx, ann, { id: ids[0] ?? '' })).state).toBe('unknown')
    expect((await getLogin(ctx, ann, { id: ids[1] ?? '' })).state).toBe('waiting')
    expect([await database.db.pendingLogin.count(), ctx.heard]).toEqual([10, ['login.changed']])
  })

  test('are a thousand in all', async () => {
    const row = { nodeKey: 'n', hostinfo: {}, capVersion: 142, ip: '', expiresAt: new Date(ctx.time.now) }
    await database.db.pendingLogin.createMany({ data: Array.from({ length: 1003 }, (_, i) => ({ ...row, id: String(i), machineKey: String(i), createdAt: new Date(ctx.time.now - 1000 * i) })) })
    await asked('laptop')
    expect([await database.db.pendingLogin.count(), await database.db.pendingLogin.findUnique({ where: { id: '999' } })]).toEqual([1000, null])
    expect(ctx.heard).toHaveLength(4)
  })
})
