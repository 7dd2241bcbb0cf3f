import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { createBus } from '../../bus/index.ts'
import { hashSecret } from '../../db/secrets.ts'
import { withTestDb } from '../../db/testing.ts'
import type { Actor } from '../actor.ts'
import { createApiToken } from '../api-token/create.ts'
import { createApiTokenSchema } from '../api-token/shape.ts'
import { listApiTokens } from '../api-token/list.ts'
import { revokeApiToken } from '../api-token/revoke.ts'
import { invitePerson } from './invite.ts'
import { listPeople } from './list.ts'
import { removePerson } from './remove.ts'
import { setRole } from './set-role.ts'
import type { Role } from './shape.ts'

const database = withTestDb()
const now = Date.UTC(2026, 0, 1)
const heard: string[] = []
const bus = createBus((error) => { throw error })
bus.subscribeAll((name) => heard.push(name))
const server = {
  version: '0.1.0', publicUrl: 'https://relay.example', isLoopbackOnly: false, joinUrl: null, joinWarning: '', tls: () => null, database: 'embedded', stunPort: 3478, dataFlag: '', derp: () => null,
} as const

const context = () => ({ db: database.db, bus, clock: { now: () => now }, random: randomBytes, server })

async function person(name: string, role: Role): Promise<Actor & { kind: 'user' }> {
  const email = `${name.toLowerCase()}@example.com`
  const { id } = await database.db.user.create({ data: { name, email, role } })
  return { kind: 'user', id, name, email, role, ip: '192.0.2.7' }
}

beforeEach(async () => {
  await database.db.node.deleteMany()
  await database.db.user.deleteMany()
  await database.db.auditEvent.deleteMany()
  heard.length = 0
})

describe('people', () => {
  test('only an owner invites, changes roles and removes; everybody sees who there is', async () => {
    const [ann, bob, eve] = [await person('Ann', 'owner'), await person('Bob', 'admin'), await person('Eve', 'viewer')]
    for (const actor of [bob, eve]) {
      await expect(invitePerson(context(), actor, { role: 'admin' })).rejects.toMatchObject({ code: 'forbidden' })
      await expect(setRole(context(), actor, { id: actor.id, role: 'owner' })).rejects.toMatchObject({ code: 'forbidden' })
      await expect(removePerson(context(), actor, { id: ann.id })).rejects.toMatchObject({ code: 'forbidden' })
      expect((await listPeople(context(), actor)).map(({ name }) => name)).toEqual(['Ann', 'Bob', 'Eve'])
    }
    expect(await database.db.auditEvent.count()).toBe(0)
    expect(heard).toEqual([])
  })

  test('an invitation is a link of the role, of which only the hash is kept', async () => {
    const ann = await person('Ann', 'owner')
    const { link, expiresAt } = await invitePerson(context(), ann, { role: 'viewer' })
    expect(link).toMatch(/^https:\/\/relay\.example\/welcome\?token=[\w-]{43}$/)
    expect(expiresAt.getTime()).toBe(now + 86_400_000)
    const kept = await database.db.oneTimeLink.findUniqueOrThrow({ where: { hash: hashSecret(link.split('token=')[1] ?? '') } })
    expect(kept).toMatchObject({ purpose: 'invite', role: 'viewer', usedAt: null })
    expect(await database.db.auditEvent.findFirst()).toMatchObject({ action: 'person.invite', actorName: 'Ann', ip: '192.0.2.7' })
  })

  test('a lesser role ends the sessions, a greater one does not', async () => {
    const [ann, bob] = [await person('Ann', 'owner'), await person('Bob', 'viewer')]
    await database.db.session.create({ data: { token: 'b', userId: bob.id, expiresAt: new Date(now + 1000) } })
    expect(await setRole(context(), ann, { id: bob.id, role: 'admin' })).toMatchObject({ role: 'admin' })
    expect(await database.db.session.count()).toBe(1)
    await setRole(context(), ann, { id: bob.id, role: 'viewer' })
    expect(await database.db.session.count()).toBe(0)
    expect(heard).toEqual(['audit.added', 'person.changed', 'audit.added', 'person.changed'])
    expect(await database.db.auditEvent.findFirst({ orderBy: { id: 'desc' } })).toMatchObject({ before: { role: 'admin' }, after: { role: 'viewer' } })
  })

  test('the only owner stays, also of two who step down at once', async () => {
    const [ann, bob] = [await person('Ann', 'owner'), await person('Bob', 'viewer')]
    await expect(setRole(context(), ann, { id: ann.id, role: 'admin' })).rejects.toMatchObject({ code: 'conflict' })
    await expect(removePerson(context(), ann, { id: ann.id })).rejects.toMatchObject({ code: 'conflict' })
    await setRole(context(), ann, { id: bob.id, role: 'owner' })
    const both = await Promise.allSettled([setRole(context(), ann, { id: ann.id, role: 'viewer' }), removePerson(context(), ann, { id: bob.id })])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(await database.db.user.count({ where: { role: 'owner' } })).toBe(1)
  })

  test('who is removed takes sessions, tokens and auth keys along; their machines stay', async () => {
    const [ann, bob] = [await person('Ann', 'owner'), await person('Bob', 'admin')]
    await createApiToken(context(), bob, { name: 'ci', scopes: ['relays:read'] })
    const authKey = (email: string) => ({ prefix: `tpk_${email}`, hash: email, createdBy: email, expiresAt: new Date(now + 1000) })
    await database.db.authKey.createMany({ data: [authKey(ann.email), authKey(bob.email)] })
    const { id } = await database.db.node.create({
      data: {
        stableId: 's', kind: 'agent', name: 'm', machineKey: 'm', nodeKey: 'n', discoKey: 'd', ipv4: '100.64.0.1', ipv6: 'fd00::1', capVersion: 1,
        hostname: 'm', os: 'linux', version: '0.1.0', ownerId: bob.id,
      },
    })
    heard.length = 0
    expect(await removePerson(context(), ann, { id: bob.id })).toEqual({ removed: true })
    expect(await database.db.apiToken.count()).toBe(0)
    expect((await database.db.authKey.findMany({ orderBy: { prefix: 'asc' } })).map(({ revokedAt }) => revokedAt)).toEqual([null, new Date(now)])
    expect(await database.db.node.findUniqueOrThrow({ where: { id } })).toMatchObject({ ownerId: null })
    expect(heard).toEqual(['audit.added', 'auth-key.changed', 'node.changed', 'person.changed'])
    expect(await database.db.auditEvent.findFirst({ orderBy: { id: 'desc' } })).toMatchObject({ action: 'person.remove', after: { revokedAuthKeys: [`tpk_${bob.email}`] } })
    await expect(removePerson(context(), ann, { id: bob.id })).rejects.toMatchObject({ code: 'not-found' })
    await expect(removePerson(context(), ann, { id: 'nonsense' })).rejects.toMatchObject({ code: 'not-found' })
  })
})

describe('API tokens', () => {
  test('are shown once, and kept as prefix and hash', async () => {
    const bob = await person('Bob', 'admin')
    const { token, row } = await createApiToken(context(), bob, { name: 'ci', scopes: ['relays:read', 'policy:write'], validDays: 7 })
    expect(token).toMatch(/^tp_[0-9a-f]{8}_[\w-]{43}$/)
    expect(row).toMatchObject({ name: 'ci', owner: 'Bob', scopes: ['relays:read', 'policy:write'], state: 'usable', lastUsedAt: null })
    expect(row.expiresAt.getTime()).toBe(now + 7 * 86_400_000)
    expect(token.startsWith(row.prefix)).toBe(true)
    const secret = token.slice(row.prefix.length + 1)
    expect(JSON.stringify([await database.db.apiToken.findMany(), await listApiTokens(context(), bob)])).not.toContain(secret)
    expect(await database.db.auditEvent.findFirstOrThrow()).toMatchObject({ action: 'api-token.create', after: { prefix: row.prefix, scopes: ['relays:read', 'policy:write'] } })
  })

  test('never have a scope that their maker lacks, and no token makes another', async () => {
    const bob = await person('Bob', 'admin')
    await expect(createApiToken(context(), bob, { name: 'x', scopes: ['relays:read', 'people:write'] })).rejects.toMatchObject({ code: 'forbidden', path: 'scopes.1' })
    const eve = await person('Eve', 'viewer')
    await expect(createApiToken(context(), eve, { name: 'x', scopes: ['relays:read'] })).rejects.toMatchObject({ code: 'forbidden' })
    const token: Actor = { kind: 'token', id: bob.id, name: 'ci', role: 'admin', scopes: ['tokens:write', 'relays:read'], ip: null }
    await expect(createApiToken(context(), token, { name: 'x', scopes: ['relays:read'] })).rejects.toThrow('Only a person')
    expect(createApiTokenSchema.safeParse({ name: 'x', scopes: ['tokens:write'] }).success).toBe(false)
    expect(await database.db.apiToken.count()).toBe(0)
  })

  test('each sees and revokes their own, an owner all', async () => {
    const [ann, bob, cem] = [await person('Ann', 'owner'), await person('Bob', 'admin'), await person('Cem', 'admin')]
    const { row: { id } } = await createApiToken(context(), bob, { name: 'ci', scopes: ['relays:read'] })
    expect(await listApiTokens(context(), cem)).toEqual([])
    expect(await listApiTokens(context(), ann)).toHaveLength(1)
    await expect(revokeApiToken(context(), cem, { id })).rejects.toMatchObject({ code: 'not-found' })
    heard.length = 0
    expect(await revokeApiToken(context(), ann, { id })).toMatchObject({ state: 'revoked' })
    expect(await revokeApiToken(context(), bob, { id })).toMatchObject({ state: 'revoked' })
    expect(heard).toEqual(['audit.added', 'api-token.changed'])
  })
})
