import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { toHex } from '../../../lib/bytes.ts'
import { registerResponseSchema, zeroTime, type RegisterResponse } from '../../../protocol/tailcfg/index.ts'
import { connect, type CoordinationClient } from '../../../tests/coordination-client/index.ts'
import { openTestTransport, type TestTransport } from '../../../tests/coordination-client/rig.ts'
import { withTestDb } from '../../db/testing.ts'
import { createAuthKey } from '../../services/auth-key/create.ts'
import { decideLogin } from '../../services/login/decide.ts'
import { loginLifetime } from '../../services/login/create.ts'
import { registerClient } from '../../services/node/register.ts'
import { emptyDb, person, testContext, type TestContext } from '../../services/testing.ts'
import { registerHandler } from './index.ts'
import { RegisterLimiter } from './limits.ts'

const database = withTestDb()
const ann = person('admin')
let ctx: TestContext
let port: TestTransport | undefined
let lines: { readonly fields: object; readonly text: string }[]
const clients: CoordinationClient[] = []

beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  await database.db.user.create({ data: { id: ann.id, name: ann.name, email: ann.email, role: ann.role } })
  lines = []
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.session.destroy()
  await port?.close()
  port = undefined
  ctx.dispose()
})

async function open(): Promise<void> {
  const keep = (fields: object, text: string): void => void lines.push({ fields, text })
  const handler = registerHandler({
    register: (caller, request) => registerClient(ctx, caller, request), bus: ctx.bus, clock: ctx.clock, log: { info: keep, warn: keep },
  })
  port = await openTestTransport({ '/machine/register': handler })
}

async function client(headers: Record<string, string> = { 'x-test-ip': '198.51.100.7' }): Promise<CoordinationClient> {
  const made = await connect(port?.url ?? '', { headers })
  clients.push(made)
  return made
}

const nodeKey = (): string => `nodekey:${toHex(randomBytes(32))}`
/** As stock clients write it, members that say nothing included. */
const said = (more: object = {}) => ({
  Version: 142, NodeKey: nodeKey(), OldNodeKey: `nodekey:${'0'.repeat(64)}`, NLKey: `nlpub:${'0'.repeat(64)}`, Expiry: zeroTime, Followup: '', NodeKeySignature: null,
  Hostinfo: { IPNVersion: '1.102.3-t0123-g4567', OS: 'linux', Hostname: 'laptop', BackendLogID: 'private' }, ...more,
})
const register = async (from: CoordinationClient, body: object, signal?: AbortSignal): Promise<RegisterResponse> => {
  const answer = await from.request('/machine/register', body, signal ? { signal } : {})
  expect([answer.status, answer.text]).toEqual([200, expect.any(String)])
  return registerResponseSchema.parse(answer.json)
}

const idOf = (url: string): string => url.split('/').at(-1) ?? ''

test('a client with an auth key is a machine of the network before it is answered', async () => {
  await open()
  const { key } = await createAuthKey(ctx, ann, {})
  const machine = await client()
  const body = said({ Auth: { AuthKey: key } })
  const answer = await register(machine, body)
  const { number } = await database.db.user.findUniqueOrThrow({ where: { id: ann.id } })
  expect(answer).toEqual({
    User: { ID: number, DisplayName: 'Ann' }, Login: { ID: number, Provider: 'towpath', LoginName: 'ann@example.com', DisplayName: 'Ann' },
    NodeKeyExpired: false, MachineAuthorized: true, AuthURL: '', NodeKeySignature: null, Error: '',
  })
  expect(ctx.network.nodeByKey(body.NodeKey)).toMatchObject({ name: 'laptop', kind: 'client', capVersion: 142, owner: 'ann@example.com', addresses: ['100.64.0.1', 'fd7a:115c:a1e0:ab12:4843:cd96:6240:1'] })
  const row = await database.db.node.findUniqueOrThrow({ where: { nodeKey: body.NodeKey } })
  expect(row).toMatchObject({ machineKey: machine.machineKey, os: 'linux', version: '1.102.3', hostname: 'laptop' })
  expect(JSON.stringify(row.hostinfo)).not.toContain('private')
  expect(JSON.stringify(lines)).not.toContain(key.slice(13))
})

describe('a client that waits for its person', () => {
  test('goes on within a moment of the decision', async () => {
    await open()
    const machine = await client()
    const body = said()
    const { AuthURL } = await register(machine, body)
    expect(AuthURL).toMatch(/^http:\/\/192\.0\.2\.1:3000\/register\/[\w-]{22}$/)
    const waiting = register(machine, { ...body, Followup: AuthURL })
    await expect.poll(() => lines.length).toBe(1)
    const startedAt = performance.now()
    await decideLogin(ctx, ann, { id: idOf(AuthURL), approve: true })
    expect(await waiting).toMatchObject({ AuthURL: '', Error: '', MachineAuthorized: true, Login: { LoginName: 'ann@example.com' } })
    expect(performance.now() - startedAt).toBeLessThan(1000)
    expect(JSON.stringify(lines)).not.toContain(idOf(AuthURL))
  })

  test('is told that it was refused, each time that it asks', async () => {
    await open()
    const machine = await client()
    const body = said()
    const { AuthURL } = await register(machine, body)
    const waiting = register(machine, { ...body, Followup: AuthURL })
    await decideLogin(ctx, ann, { id: idOf(AuthURL), approve: false })
    expect((await waiting).Error).toContain('this machine was refused')
    expect((await register(machine, { ...body, Followup: AuthURL })).Error).toContain('this machine was refused')
    expect(await database.db.node.count()).toBe(0)
  })

  test('gets another address when the time is over, or the address is not its own', async () => {
    await open()
    const [machine, other] = [await client(), await client()]
    const body = said()
    const { AuthURL } = await register(machine, body)
    const theirs = await register(other, { ...said(), Followup: AuthURL })
    expect(theirs.AuthURL).not.toBe(AuthURL)
    ctx.time.now += loginLifetime
    const late = await register(machine, { ...body, Followup: AuthURL })
    expect(late.AuthURL).toMatch(/\/register\//)
    expect(late.AuthURL).not.toBe(AuthURL)
    expect((await register(machine, { ...body, Followup: 'https://elsewhere.example/a/1' })).AuthURL).toMatch(/\/register\//)
  })

  test('and hangs up is forgotten, its login is not', async () => {
    await open()
    const machine = await client()
    const body = said()
    const { AuthURL } = await register(machine, body)
    const abort = new AbortController()
    const waiting = register(machine, { ...body, Followup: AuthURL }, abort.signal)
    abort.abort()
    await expect(waiting).rejects.toThrow(/./)
    await decideLogin(ctx, ann, { id: idOf(AuthURL), approve: true })
    expect(await register(machine, { ...body, Followup: AuthURL })).toMatchObject({ AuthURL: '', MachineAuthorized: true })
  })
})

describe('a request that is not to be served', () => {
  test.each([
    ['no JSON', Buffer.from('{'), 400, 'no JSON'], ['no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 400, 'no JSON'], ['another form', { Version: 'x' }, 400, 'Version'],
    ['an empty key', said({ NodeKey: '' }), 400, 'NodeKey'], ['no key', said({ NodeKey: `nodekey:${'0'.repeat(64)}` }), 400, 'NodeKey is missing'],
    ['a time of no kind', said({ Expiry: 'soon' }), 400, 'Expiry'], ['too much', Buffer.alloc(262_145, 0x20), 413, 'larger'],
    ['a Hostinfo beyond measure', said({ Auth: { AuthKey: 'x' }, Hostinfo: { RequestTags: [], RoutableIPs: Array.from({ length: 257 }, () => '10.0.0.0/8') } }), 400, 'RoutableIPs'],
  ])('%s', async (_, body, status, text) => {
    await open()
    const answer = await (await client()).request('/machine/register', body)
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(text)])
    expect(await database.db.node.count()).toBe(0)
  })

  test('a wrong auth key, five times a minute; one who corrects it need not wait', async () => {
    await open()
    const machine = await client()
    const body = said({ Auth: { AuthKey: 'tpk_00000000_nonsense' } })
    for (let i = 0; i < 5; i++) {
      expect((await register(machine, body)).Error).toBe('invalid key: The auth key is wrong: there is no such key in this network. Check that it was copied whole. Make a new auth key in Settings and join with it')
    }
    const held = await machine.request('/machine/register', body)
    expect([held.status, held.headers['retry-after']]).toEqual([429, '12'])
    const { key } = await createAuthKey(ctx, ann, {})
    expect((await register(machine, { ...body, Auth: { AuthKey: key } })).Error).toBe('')
    ctx.time.now += 12_000
    expect((await register(machine, { ...body, NodeKey: nodeKey() })).Error).toContain('invalid key')
    expect((await machine.request('/machine/register', { ...body, NodeKey: nodeKey() })).status).toBe(429)
    expect(lines.filter(({ text }) => text === 'register: a client was refused')).toHaveLength(6)
  })

  test('too many of one machine', async () => {
    await open()
    const machine = await client()
    const body = said()
    for (let i = 0; i < 10; i++) await register(machine, { ...body, NodeKey: nodeKey() })
    const held = await machine.request('/machine/register', body)
    expect([held.status, held.headers['retry-after']]).toEqual([429, '6'])
    ctx.time.now += 6000
    await register(machine, body)
  })

  test('too many of one address, or of one subscriber’s, but of this machine itself', () => {
    const limiter = new RegisterLimiter(ctx.clock)
    const taken = (ip: string) => Array.from({ length: 61 }, (_, i) => limiter.take({ machineKey: `${ip} ${i}`, ip })).filter((wait) => wait > 0)
    expect([taken('192.0.2.1'), taken('2001:db8::1'), taken('2001:db8:0:0:5::2').length, taken('2001:db8:0:1::1'), taken('127.0.0.1'), taken('::1')]).toEqual([[1], [1], 61, [1], [], []])
    ctx.time.now += 1000
    expect([limiter.take({ machineKey: 'a', ip: '192.0.2.1' }), limiter.take({ machineKey: 'b', ip: '192.0.2.1' })]).toEqual([0, 1])
  })
})
