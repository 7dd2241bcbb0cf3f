import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openDb } from '../db/client.ts'
import { hashSecret, newApiToken } from '../db/secrets.ts'
import { withTestDb } from '../db/testing.ts'
import { createAuth, createOwnerLink, stampRequest, trustedProxies, type Auth } from './index.ts'
import { triesPerAddress } from './sign-in-limit.ts'

const database = withTestDb()
const ann = { name: 'Ann', email: 'ann@example.com', password: 'correct horse' }
const errors: unknown[] = []
let now = Date.UTC(2026, 0, 1)
let auth: Auth
let server: Server
let url = ''

function build(publicUrl: string, db = database.db): Auth {
  return createAuth({
    db, secret: 'x'.repeat(64), publicUrl, clock: { now: () => now }, random: randomBytes,
    onPerson: () => {}, onError: (error) => errors.push(error),
  })
}

beforeAll(async () => {
  const trusted = trustedProxies(['127.0.0.1'])
  server = createServer((request, response) => {
    stampRequest(request, trusted)
    void auth.handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  url = `http://127.0.0.1:${port}`
  auth = build(url)
  const link = await auth.ensureOwnerLink()
  await auth.door.redeem({ token: link?.path.split('token=')[1] ?? '', ...ann }, new Headers())
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => {
  now += 3_600_000
  auth = build(url)
})

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/api/auth${path}`, { method: 'POST', headers: { 'content-type': 'application/json', origin: url, ...headers }, body: JSON.stringify(body) })
}
const signIn = (password = ann.password, headers: Record<string, string> = {}) => post('/sign-in/email', { email: ann.email, password }, headers)
const cookieOf = (response: Response): string => response.headers.getSetCookie().map((cookie) => cookie.split(';')[0]).join('; ')

describe('a session', () => {
  test('begins with the right password, in a cookie that scripts cannot read', async () => {
    const response = await signIn()
    expect(response.status).toBe(200)
    const [cookie = ''] = response.headers.getSetCookie()
    expect(cookie).toMatch(/^towpath\.session_token=/)
    expect(cookie).toMatch(/HttpOnly/i)
    expect(cookie).toMatch(/SameSite=Lax/i)
    expect(cookie).not.toMatch(/Secure/i)
    expect(await auth.actorFromHeaders(new Headers({ cookie: cookieOf(response) }), '192.0.2.7')).toMatchObject({
      kind: 'user', name: 'Ann', email: 'ann@example.com', role: 'owner', ip: '192.0.2.7',
    })
  })

  test('keeps to HTTPS where the dashboard is reached by it', async () => {
    auth = build('https://relay.example')
    const [cookie = ''] = (await signIn()).headers.getSetCookie()
    expect(cookie).toMatch(/^__Secure-towpath\.session_token=.*Secure/i)
  })

  test('a changed role counts from the next request on, and signing out ends it', async () => {
    const cookie = cookieOf(await signIn())
    await database.db.user.update({ where: { email: ann.email }, data: { role: 'viewer' } })
    expect(await auth.actorFromHeaders(new Headers({ cookie }))).toMatchObject({ role: 'viewer' })
    await database.db.user.update({ where: { email: ann.email }, data: { role: 'owner' } })
    expect((await post('/sign-out', {}, { cookie })).status).toBe(200)
    expect(await auth.actorFromHeaders(new Headers({ cookie }))).toBeUndefined()
  })

  test.each([[{}], [{ cookie: 'towpath.session_token=forged.signature' }], [{ cookie: 'a=b' }]])('headers %j are nobody', async (headers) => {
    expect(await auth.actorFromHeaders(new Headers(headers))).toBeUndefined()
  })
})

describe('signing in', () => {
  test('a wrong password and an unknown e-mail get the same answer', async () => {
    const wrong = await signIn('wrong horse')
    const unknown = await post('/sign-in/email', { email: 'eve@example.com', password: 'wrong horse' })
    expect([wrong.status, unknown.status]).toEqual([401, 401])
    expect(await wrong.json()).toEqual(await unknown.json())
  })

  test('is limited per address: others are not held up', async () => {
    const from = (address: string) => ({ 'x-forwarded-for': address })
    for (let i = 0; i < triesPerAddress.most; i++) {
      expect((await post('/sign-in/email', { email: `p${i}@example.com`, password: 'wrong horse' }, from('198.51.100.1'))).status).toBe(401)
    }
    const refused = await signIn(ann.password, from('198.51.100.1'))
    expect(refused.status).toBe(429)
    expect(refused.headers.get('retry-after')).toBe('60')
    expect((await refused.json()).message).toContain('wait 60 s')
    expect((await signIn(ann.password, from('198.51.100.2'))).status).toBe(200)
  })

  test('is limited per e-mail, from whatever address', async () => {
    const statuses: number[] = []
    for (let i = 0; i < 11; i++) statuses.push((await signIn('wrong horse', { 'x-forwarded-for': `198.51.100.${i + 1}` })).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429])
  })

  test('an owner link lets in whom another’s wrong passwords lock out', async () => {
    for (let i = 0; i < 10; i++) await signIn('wrong horse', { 'x-forwarded-for': `198.51.100.${i + 1}` })
    expect((await signIn()).status).toBe(429)
    const { path } = await createOwnerLink({ db: database.db, clock: { now: () => now }, random: randomBytes }, 'owner-link')
    await auth.door.redeem({ token: path.split('token=')[1] ?? '', ...ann }, new Headers())
    expect((await signIn()).status).toBe(200)
  })

  test('another site’s page cannot do it, and the page’s own name is free', async () => {
    expect((await signIn(ann.password, { origin: 'https://evil.example' })).status).toBe(403)
    expect((await signIn()).status).toBe(200)
  })
})

test('signing up is closed, and what is not opened is not there', async () => {
  const up = await post('/sign-up/email', { ...ann, email: 'eve@example.com' })
  expect(up.status).toBe(403)
  expect((await up.json()).message).toContain('one-time link')
  for (const path of ['/update-user', '/delete-user', '/request-password-reset', '/change-email', '/change-password']) expect((await post(path, {})).status).toBe(404)
  expect((await post('/sign-in/email', { email: ann.email, password: 'x'.repeat(20_000) })).status).toBe(413)
  expect((await fetch(`${url}/api/auth/sign-in/email`)).status).toBe(405)
  expect(errors).toEqual([])
})

describe('an API token', () => {
  async function tokenWith(data: { expiresAt?: Date; revokedAt?: Date } = {}): Promise<string> {
    const { id } = await database.db.user.findUniqueOrThrow({ where: { email: ann.email } })
    const { token, prefix } = newApiToken(randomBytes)
    await database.db.apiToken.create({
      data: { name: 'ci', prefix, hash: hashSecret(token), scopes: ['relays:read'], userId: id, expiresAt: new Date(now + 86_400_000), ...data },
    })
    return token
  }
  const bearer = (token: string, more: Record<string, string> = {}) => new Headers({ authorization: `Bearer ${token}`, ...more })

  test('is somebody, with its scopes and its owner’s role', async () => {
    const token = await tokenWith()
    expect(await auth.actorFromHeaders(bearer(token), '192.0.2.9')).toMatchObject({ kind: 'token', name: 'ci', role: 'owner', scopes: ['relays:read'], ip: '192.0.2.9' })
  })

  test('expired, revoked, altered or malformed it is nobody, whatever the cookie says', async () => {
    const cookie = cookieOf(await signIn())
    const good = await tokenWith()
    const altered = `${good.slice(0, -1)}${good.endsWith('A') ? 'B' : 'A'}`
    const bad = [await tokenWith({ expiresAt: new Date(now) }), await tokenWith({ revokedAt: new Date(now - 1) }), altered, 'tp_', 'nonsense']
    for (const token of bad) expect(await auth.actorFromHeaders(bearer(token, { cookie }))).toBeUndefined()
    expect(await auth.actorFromHeaders(new Headers({ authorization: 'Basic abc', cookie }))).toBeUndefined()
  })

  test('its last use is written at most once a minute', async () => {
    const token = await tokenWith()
    const used = async () => {
      await auth.actorFromHeaders(bearer(token))
      return (await database.db.apiToken.findUniqueOrThrow({ where: { hash: hashSecret(token) } })).lastUsedAt?.getTime()
    }
    const first = now
    expect(await used()).toBe(first)
    now += 59_999
    expect(await used()).toBe(first)
    now += 1
    expect(await used()).toBe(now)
  })
})

test('while the database is away, signing in and looking who is signed in is for later, in one line, and no failure for the log', async () => {
  const cookie = cookieOf(await signIn())
  // Nothing listens there.
  const away = openDb('postgresql://towpath:towpath@127.0.0.1:1/towpath')
  auth = build(url, away)
  errors.length = 0
  for (const answer of [await signIn(), await fetch(`${url}/api/auth/get-session`, { headers: { cookie } })]) {
    expect([answer.status, answer.headers.get('retry-after'), await answer.json()]).toEqual([
      503, '2', { code: 'UNAVAILABLE', message: 'The database does not answer: Try again in a moment; the control plane’s log says more' },
    ])
  }
  expect(errors).toEqual([])
  await away.$disconnect()
})
