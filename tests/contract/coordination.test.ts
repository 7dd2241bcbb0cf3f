import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mapRequestSchema, registerRequestSchema, registerResponseSchema } from '../../protocol/tailcfg/index.ts'
import { createCoordination, type Coordination } from '../../server/coordination/index.ts'
import { withTestDb } from '../../server/db/testing.ts'
import { createAuthKey } from '../../server/services/auth-key/create.ts'
import { removeMachine } from '../../server/services/node/remove.ts'
import { emptyDb, person, testContext, type TestContext } from '../../server/services/testing.ts'
import { connect, type CoordinationClient } from '../coordination-client/index.ts'
import { mapMessages } from '../coordination-client/map-reader.ts'
import { mapRequest, mutated, registerRequest } from './coordination-requests.ts'

/** The coordination server as the control plane has it, on a real database, with clients that send what no stock client does. */
const database = withTestDb()
const ann = person('admin')
const key = (kind: string): string => `${kind}:${randomBytes(32).toString('hex')}`
/** Errors in the log: what nobody foresaw. */
const faults: string[] = []
const lines: { readonly fields: object; readonly text: string }[] = []
let ctx: TestContext
let coordination: Coordination
let server: Server
let url: string
let folder: string
let authKey: string
let clients: CoordinationClient[]

beforeEach(async () => {
  await emptyDb(database.db)
  ctx = await testContext(database.db)
  await database.db.user.create({ data: { id: ann.id, name: ann.name, email: ann.email, role: ann.role } })
  authKey = (await createAuthKey(ctx, ann, { reusable: true })).key
  faults.length = lines.length = 0
  folder = mkdtempSync(path.join(tmpdir(), 'towpath-coordination-'))
  const keep = (fields: object, text: string): void => void lines.push({ fields, text })
  const fail = (fields: object, text: string): void => void faults.push(`${text} ${'err' in fields ? String(fields.err) : ''}`)
  coordination = createCoordination({ services: ctx, dataFolder: folder, log: { info: keep, warn: keep, error: fail }, clientIp: (request) => String(request.headers['x-test-ip']) })
  const { transport } = coordination
  server = createServer((request, response) => void (request.url?.startsWith('/key') ? transport.keyHandler : transport.upgradeRefused)(request, response))
  server.on('upgrade', transport.handleUpgrade)
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  const address = server.address()
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  clients = []
})

afterEach(async () => {
  for (const one of clients) one.session.destroy()
  await coordination.dispose()
  server.closeAllConnections()
  await new Promise((resolve) => { server.close(resolve) })
  ctx.dispose()
  rmSync(folder, { recursive: true })
  if (faults.length > 0) throw new Error(`not foreseen: ${faults.join('\n')}`)
})

async function open(ip = '198.51.100.1'): Promise<CoordinationClient> {
  const client = await connect(url, { headers: { 'x-test-ip': ip } })
  clients.push(client)
  return client
}

const register = (from: CoordinationClient, body: unknown) => from.request('/machine/register', body)
const map = (from: CoordinationClient, body: unknown) => from.request('/machine/map', body)
const said = (more: object = {}): object => ({ ...registerRequest, Hostinfo: { Hostname: 'laptop', OS: 'linux' }, NodeKey: key('nodekey'), Auth: { AuthKey: authKey }, ...more })

interface Machine { readonly client: CoordinationClient; readonly nodeKey: string }

async function join(ip?: string): Promise<Machine> {
  const client = await open(ip)
  const nodeKey = key('nodekey')
  const { json } = await register(client, said({ NodeKey: nodeKey }))
  expect(registerResponseSchema.parse(json)).toMatchObject({ Error: '', MachineAuthorized: true })
  return { client, nodeKey }
}

/** What is stored of all machines: a stranger must not change it. */
const stored = () => database.db.node.findMany({ orderBy: { id: 'asc' } })
const mapOf = ({ nodeKey }: Machine, more: object = {}): object => ({ Version: 142, Compress: 'zstd', KeepAlive: true, NodeKey: nodeKey, ...more })

test.each(['/machine/register', '/machine/map'])('4 MiB of JSON at %s are refused by themselves: the connection’s other requests go on', async (at) => {
  const machine = await join()
  const stream = await machine.client.stream('/machine/map', mapOf(machine, { Stream: true, DiscoKey: key('discokey') }))
  const messages = mapMessages(stream)
  expect((await messages.next()).value).toHaveProperty('Node')
  const large = JSON.stringify({ ...said(), Hostinfo: { Hostname: 'x'.repeat(4 << 20) } })
  expect(large.length).toBeGreaterThan(4 << 20)
  const { status, text } = await machine.client.request(at, Buffer.from(large))
  expect([status, text]).toEqual([413, expect.stringMatching(/^The request's body is larger than 262144 bytes/)])
  expect((await map(machine.client, mapOf(machine, { OmitPeers: true, Endpoints: ['192.0.2.1:41641'] }))).status).toBe(200)
  expect(coordination.streams.counts().streams).toBe(1)
  stream.cancel()
})

describe('a client that claims another machine’s node key', () => {
  test('has no map: as for a key that nobody has', async () => {
    const [victim, stranger] = [await join(), await join()]
    const before = await stored()
    for (const nodeKey of [victim.nodeKey, key('nodekey')]) {
      for (const more of [{ Stream: true }, { OmitPeers: true, Endpoints: ['192.0.2.66:6'], DiscoKey: key('discokey') }, {}]) {
        const { status, text } = await map(stranger.client, mapOf({ ...stranger, nodeKey }, more))
        expect([status, text]).toEqual([404, 'unknown node'])
      }
    }
    expect(await stored()).toEqual(before)
  })

  test('is not registered with it, with an auth key or without, nor does it log the other out', async () => {
    const victim = await join()
    const stream = await victim.client.stream('/machine/map', mapOf(victim, { Stream: true }))
    const before = await stored()
    const stranger = await open()
    for (const more of [{}, { Auth: undefined }, { OldNodeKey: victim.nodeKey }, { Auth: { AuthKey: 'wrong' } }]) {
      const { status, json } = await register(stranger, said({ ...more, NodeKey: victim.nodeKey }))
      expect([status, registerResponseSchema.parse(json).Error]).toEqual([200, expect.stringMatching(/^invalid node key: it is another machine’s\. /)])
    }
    expect(registerResponseSchema.parse((await register(stranger, said({ NodeKey: victim.nodeKey, Expiry: '1970-01-01T00:02:03+01:00' }))).json).Error).toBe('')
    expect(await stored()).toEqual(before)
    expect(lines.filter(({ text }) => text === 'register: a client was refused')).toHaveLength(4)
    expect(coordination.streams.counts().streams).toBe(1)
    stream.cancel()
    // To come with the other's key as one's own former one makes another machine.
    await register(await open(), said({ OldNodeKey: victim.nodeKey }))
    expect((await stored()).map(({ nodeKey }) => nodeKey)).toEqual([victim.nodeKey, expect.not.stringContaining(victim.nodeKey)])
  })
})

test('each capability version has a clear answer', async () => {
  const machine = await join()
  for (const Version of [0, 1, 60, 120]) {
    const refused = await register(await open(), said({ Version }))
    expect(registerResponseSchema.parse(refused.json).Error).toBe(`this client is too old (capability version ${Version}, 121 is needed): update Tailscale to 1.86 or newer`)
    const { status, text } = await map(machine.client, { ...mapOf(machine), Version, Stream: true })
    expect([status, text]).toEqual([400, `This client is too old (capability version ${Version}, 121 is needed). Update Tailscale to 1.86 or newer`])
  }
  for (const Version of [-1, 65_536, 1e21, 1.5, '142', null]) {
    expect((await register(await open(), said({ Version }))).text).toMatch(/^Version: /)
    expect(await map(machine.client, { ...mapOf(machine), Version })).toMatchObject({ status: 400, text: expect.stringMatching(/^Version: /) })
  }
  // Newer ones than anybody knows are taken as what they can say.
  expect(registerResponseSchema.parse((await register(await open(), said({ Version: 65_535 }))).json).Error).toBe('')
  expect((await map(machine.client, { ...mapOf(machine), Version: 65_535, OmitPeers: true })).status).toBe(200)
})

test('a removed machine’s stream ends with a goodbye, and from then on its key is unknown', async () => {
  const [gone, other] = [await join(), await join()]
  const stream = await gone.client.stream('/machine/map', mapOf(gone, { Stream: true }))
  const messages = mapMessages(stream)
  await messages.next()
  const { id } = await database.db.node.findUniqueOrThrow({ where: { nodeKey: gone.nodeKey } })
  await removeMachine(ctx, ann, { id })
  const rest = []
  for await (const message of messages) rest.push(message)
  expect(rest.at(-1)).toMatchObject({ Node: { ID: id, KeyExpiry: expect.any(String) }, PacketFilters: { '*': null } })
  for (const more of [{ Stream: true }, { OmitPeers: true }]) expect(await map(gone.client, mapOf(gone, more))).toMatchObject({ status: 404, text: 'unknown node' })
  expect((await map(other.client, mapOf(other, { OmitPeers: true }))).status).toBe(200)
  // It may ask to come in again, as anybody may.
  expect(registerResponseSchema.parse((await register(gone.client, said({ NodeKey: gone.nodeKey, Auth: undefined }))).json).AuthURL).not.toBe('')
})

describe('who registers too often', () => {
  test('waits as long as it is told, and nobody else does', async () => {
    const flood = await open()
    const answers = await Promise.all(Array.from({ length: 40 }, () => register(flood, said({ Auth: { AuthKey: 'wrong' }, NodeKey: key('nodekey') }))))
    const held = answers.filter(({ status }) => status === 429)
    expect(held.length).toBeGreaterThanOrEqual(30)
    for (const { headers, text } of held) expect([Number(headers['retry-after']), text]).toEqual([expect.toSatisfy((seconds) => seconds >= 1 && seconds <= 60), expect.stringMatching(/^This .*\. Wait \d+ s$/)])
    expect(answers.filter(({ status }) => ![200, 429].includes(status))).toEqual([])
    await join()
    ctx.time.now += 60_000
    expect((await register(flood, said())).status).toBe(200)
  })

  test('does not get past it by other machine keys at one address', async () => {
    const counts = new Map<number, number>()
    for (let i = 0; i < 40; i++) {
      const client = await open('198.51.100.2')
      for (let tries = 0; tries < 2; tries++) {
        const { status } = await register(client, said({ Auth: { AuthKey: `wrong ${tries}` } }))
        counts.set(status, (counts.get(status) ?? 0) + 1)
      }
      client.session.destroy()
    }
    expect(Object.fromEntries(counts)).toEqual({ 200: 60, 429: 20 })
    await join('198.51.100.3')
  })
})

test('an expiry is one that the database and clients can hold, or is refused', async () => {
  const { key: tagged } = await createAuthKey(ctx, ann, { reusable: true, tags: ['tag:relay'] })
  const machine = await open()
  const body = said({ Auth: { AuthKey: tagged } })
  expect(registerResponseSchema.parse((await register(machine, body)).json).Error).toBe('')
  for (const Expiry of ['+275760-09-13T00:00:00Z', '-271821-04-20T00:00:00Z', '9999-12-31T23:59:59-14:00', 'tomorrow']) {
    expect(await register(machine, { ...body, Expiry })).toMatchObject({ status: 400, text: expect.stringMatching(/^Expiry: is no time/) })
  }
  for (const Expiry of ['9999-12-31T23:59:59Z', '2026-01-06T00:00:00+14:00']) {
    expect(registerResponseSchema.parse((await register(machine, { ...body, Expiry })).json)).toMatchObject({ Error: '', NodeKeyExpired: false })
    const { text } = await map(machine, { ...body, Compress: 'zstd', OmitPeers: true })
    const stream = await machine.stream('/machine/map', { ...body, Compress: 'zstd', Stream: true })
    const { value } = await mapMessages(stream).next()
    expect([text, Date.parse(value?.Node?.KeyExpiry ?? '')]).toEqual(['', Date.parse(Expiry)])
    stream.cancel()
    ctx.time.now += 1000
  }
})

describe('requests with anything anywhere', () => {
  test('are read or refused, and nothing of them gets through that is not of its type', () => {
    const options = { seed: 5, numRuns: 50_000, endOnFailure: true }
    let read = 0
    const isSmall = (text: string): boolean => text.length <= 1024
    fc.assert(fc.property(mutated(registerRequest), (request) => {
      const { success, data, error } = registerRequestSchema.safeParse(request)
      if (!success) return (error.issues[0]?.path.map(String).join('.') ?? '').length < 200
      read++
      return isSmall(data.Followup) && isSmall(data.Tailnet) && isSmall(data.Auth?.AuthKey ?? '') && (data.Expiry === undefined || Number.isSafeInteger(data.Expiry)) && (data.Hostinfo?.Services.length ?? 0) <= 256
    }), options)
    fc.assert(fc.property(mutated(mapRequest), (request) => {
      const { success, data, error } = mapRequestSchema.safeParse(request)
      if (!success) return (error.issues[0]?.path.map(String).join('.') ?? '').length < 200
      read++
      return data.Endpoints.length <= 64 && data.Endpoints.every(isSmall) && (data.Hostinfo?.RoutableIPs.length ?? 0) <= 256 && /^nodekey:[0-9a-f]{64}$/.test(data.NodeKey)
    }), options)
    // Neither is all refused, nor all taken.
    expect(read / (2 * options.numRuns)).toSatisfy((share: number) => share > 0.1 && share < 0.9)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('are never more than one client’s own mistake', async () => {
    const [machine, other] = [await join(), await join()]
    const statuses = new Map<string, number>()
    const count = ({ status }: { readonly status: number }, at: string): void => void statuses.set(`${at} ${status}`, (statuses.get(`${at} ${status}`) ?? 0) + 1)
    const ask = async (request: unknown, at: '/machine/register' | '/machine/map'): Promise<boolean> => {
      // The limits are another test's.
      ctx.time.now += 60_000
      const { status, text } = await machine.client.request(at, request, { signal: AbortSignal.timeout(10_000) })
      count({ status }, at)
      return status < 500 && status !== 429 && text.length < 4096
    }
    const keyed = <T extends object>(request: T): T & { NodeKey: string } => ({ ...request, NodeKey: machine.nodeKey, Auth: { AuthKey: authKey } })
    await fc.assert(fc.asyncProperty(mutated(keyed(mapRequest)), (request) => ask(request, '/machine/map')), { seed: 6, numRuns: 300, endOnFailure: true })
    await fc.assert(fc.asyncProperty(mutated(keyed(registerRequest)), (request) => ask(request, '/machine/register')), { seed: 7, numRuns: 200, endOnFailure: true })
    await fc.assert(fc.asyncProperty(mutated({ ...registerRequest, Auth: { AuthKey: authKey }, Hostinfo: { ...registerRequest.Hostinfo, RequestTags: [] } }), (request) => ask(request, '/machine/register')), { seed: 8, numRuns: 200, endOnFailure: true })
    for (const each of ['/machine/map 200', '/machine/map 400', '/machine/register 200', '/machine/register 400']) expect(statuses.get(each)).toBeGreaterThan(10)
    expect((await map(other.client, mapOf(other, { OmitPeers: true }))).status).toBe(200)
  }, 60_000)
})
