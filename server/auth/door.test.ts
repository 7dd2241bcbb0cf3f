import { randomBytes } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { withTestDb } from '../db/testing.ts'
import { createDoor } from './door.ts'
import { createOwnerLink, ensureOwnerLink } from './links.ts'

const database = withTestDb()
let now = 0
const clock = { now: () => now }
const changes: string[] = []
const headers = new Headers({ 'x-towpath-address': '192.0.2.7', host: '192.0.2.1:3000' })
const ann = { name: 'Ann', email: 'Ann@Example.com', password: 'correct horse' }

const deps = () => ({ db: database.db, clock, random: randomBytes })
const door = () => createDoor({ ...deps(), publicUrl: 'http://192.0.2.1:3000', onPerson: ({ personId }) => changes.push(personId) })

function tokenOf(link: { path: string } | undefined): string {
  return new URL(link?.path ?? '', 'http://localhost').searchParams.get('token') ?? ''
}

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1)
  changes.length = 0
  await database.db.oneTimeLink.deleteMany()
  await database.db.auditEvent.deleteMany()
  await database.db.user.deleteMany()
})

async function invite(role: string): Promise<string> {
  const token = tokenOf(await createOwnerLink(deps(), 'test'))
  await database.db.oneTimeLink.updateMany({ where: { usedAt: null }, data: { purpose: 'invite', role } })
  return token
}

describe('the first owner', () => {
  test('is made by the link of the first start, once, and audited', async () => {
    const token = tokenOf(await ensureOwnerLink(deps()))
    expect(await door().state(headers)).toEqual({ hasOwner: false, plainHttp: true })
    expect(await door().checkLink({ token })).toEqual({ valid: true, purpose: 'owner', role: 'owner', text: 'This link makes the owner account.', owner: null })
    expect(await door().redeem({ token, ...ann }, headers)).toEqual({ ok: true })

    const person = await database.db.user.findUniqueOrThrow({ where: { email: 'ann@example.com' }, include: { accounts: true } })
    expect(person).toMatchObject({ name: 'Ann', role: 'owner' })
    expect(person.accounts[0]?.password).not.toContain(ann.password)
    expect(changes).toEqual([person.id])
    const audit = await database.db.auditEvent.findFirstOrThrow({ where: { action: 'person.join' } })
    expect(audit).toMatchObject({ actorName: 'Ann', targetId: person.id, ip: '192.0.2.7', after: { role: 'owner', email: 'ann@example.com' } })

    expect(await ensureOwnerLink(deps())).toBeUndefined()
    expect((await door().checkLink({ token })).text).toContain('used already')
    await expect(door().redeem({ token, ...ann, email: 'eve@example.com' }, headers)).rejects.toMatchObject({ code: 'not-found', path: 'token' })
    expect(await database.db.user.count()).toBe(1)
  })

  test('of many who use one link at once, one wins', async () => {
    const token = tokenOf(await ensureOwnerLink(deps()))
    const tries = Array.from({ length: 4 }, (_, i) => door().redeem({ token, ...ann, email: `p${i}@example.com` }, headers))
    const done = (await Promise.allSettled(tries)).filter(({ status }) => status === 'fulfilled')
    expect(done).toHaveLength(1)
    expect(await database.db.user.count()).toBe(1)
  })

  test('a restart does not void the link of before, and the first use voids the others', async () => {
    const first = tokenOf(await ensureOwnerLink(deps()))
    const second = tokenOf(await ensureOwnerLink(deps()))
    expect((await door().checkLink({ token: first })).valid).toBe(true)
    await door().redeem({ token: second, ...ann }, headers)
    expect((await door().checkLink({ token: first })).valid).toBe(false)
  })

  test('the database keeps no token', async () => {
    const token = tokenOf(await ensureOwnerLink(deps()))
    expect(JSON.stringify(await database.db.oneTimeLink.findMany())).not.toContain(token)
  })
})

test('a link lives for 24 hours', async () => {
  const token = tokenOf(await ensureOwnerLink(deps()))
  now += 24 * 3_600_000 - 1
  expect((await door().checkLink({ token })).valid).toBe(true)
  now += 1
  expect(await door().checkLink({ token })).toMatchObject({ valid: false, text: expect.stringContaining('npm run owner-link') })
  await expect(door().redeem({ token, ...ann }, headers)).rejects.toThrow('has expired')
})

test('a link that is not known says so', async () => {
  expect(await door().checkLink({ token: 'nonsense' })).toMatchObject({ valid: false, text: expect.stringContaining('not known here') })
})

test('an invitation makes an account of its role, never one for an e-mail that has one, and stays usable after that', async () => {
  await door().redeem({ token: tokenOf(await ensureOwnerLink(deps())), ...ann }, headers)
  const token = await invite('viewer')
  await expect(door().redeem({ token, ...ann, name: 'Eve' }, headers)).rejects.toMatchObject({ code: 'conflict', path: 'email' })
  await door().redeem({ token, ...ann, name: 'Bob', email: 'bob@example.com' }, headers)
  expect(await database.db.user.findMany({ select: { name: true, role: true }, orderBy: { name: 'asc' } })).toEqual([
    { name: 'Ann', role: 'owner' }, { name: 'Bob', role: 'viewer' },
  ])
})

test('an owner who is locked out gets a new password, and every session of before ends', async () => {
  await door().redeem({ token: tokenOf(await ensureOwnerLink(deps())), ...ann }, headers)
  const { id } = await database.db.user.findUniqueOrThrow({ where: { email: 'ann@example.com' } })
  const before = await database.db.account.findFirstOrThrow({ where: { userId: id } })
  await database.db.session.create({ data: { token: 'x', userId: id, expiresAt: new Date(now + 1000) } })
  const link = await createOwnerLink(deps(), 'owner-link')
  expect(link.hasOwner).toBe(true)
  expect(await door().checkLink({ token: tokenOf(link) })).toMatchObject({ valid: true, purpose: 'owner', owner: { name: 'Ann', email: 'ann@example.com' } })
  await door().redeem({ token: tokenOf(link), ...ann, password: 'another horse' }, headers)
  const after = await database.db.account.findFirstOrThrow({ where: { userId: id } })
  expect(after.password).not.toBe(before.password)
  expect(await database.db.session.count()).toBe(0)
  expect(await database.db.user.count()).toBe(1)
  expect(await database.db.auditEvent.count({ where: { action: 'person.reset-password' } })).toBe(1)
})

test('of several owners the page names them and takes none for granted', async () => {
  await door().redeem({ token: tokenOf(await ensureOwnerLink(deps())), ...ann }, headers)
  await door().redeem({ token: tokenOf(await createOwnerLink(deps(), 'test')), ...ann, name: 'Bob', email: 'bob@example.com' }, headers)
  const link = await door().checkLink({ token: tokenOf(await createOwnerLink(deps(), 'test')) })
  expect(link).toMatchObject({ valid: true, owner: null, text: expect.stringContaining('ann@example.com, bob@example.com') })
})

test.each([
  ['name', { name: ' ' }], ['email', { email: 'ann' }], ['password', { password: 'short' }],
])('a wrong %s is named', async (field, wrong) => {
  const token = tokenOf(await ensureOwnerLink(deps()))
  await expect(door().redeem({ token, ...ann, ...wrong }, headers)).rejects.toMatchObject({ issues: [{ path: [field] }] })
})
