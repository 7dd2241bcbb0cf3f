import { randomBytes } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createAuth, stampRequest, trustedProxies } from '../auth/index.ts'
import { createBus } from '../bus/index.ts'
import { withTestDb } from '../db/testing.ts'
import type { Actor } from '../services/actor.ts'
import { createApiToken } from '../services/api-token/create.ts'
import { revokeApiToken } from '../services/api-token/revoke.ts'
import type { ServiceContext } from '../services/context.ts'
import { createLiveNetwork } from '../services/network/live-network.ts'
import { networkLoader } from '../services/network/load.ts'
import { readNetworkFile } from '../../policy/network-file.ts'
import { ensurePolicy } from '../services/policy/document.ts'
import { noQuestions } from '../services/testing.ts'
import type { TokenScope } from '../services/permissions.ts'
import type { TrpcDeps } from '../trpc/context.ts'
import { createApiHandler } from './index.ts'

const database = withTestDb()
const errors: unknown[] = []
const onError = (error: unknown): void => void errors.push(error)
let now = Date.UTC(2026, 0, 1)
const clock = { now: () => now }
let services: ServiceContext
let ann: Actor & { kind: 'user' }
let server: Server
let url = ''
let relayId = 0

/** Nobody measures here. */
const live: ServiceContext['live'] = {
  relay: () => undefined, relays: () => [], sessions: () => new Map(), sessionCount: () => 0, derpRate: () => 0, derpPairs: () => [],
}
const figures: ServiceContext['figures'] = {
  sparklines: async () => new Map(), dropsLastHour: async () => new Map(), peakLastHour: async () => null, sessionsHourAgo: async () => null,
}
const unmeasured = (): never => { throw new Error('not measured in this test') }
const metrics: TrpcDeps['metrics'] = new Proxy(Object.create(null), { get: unmeasured })

async function machine(name: string, at: number, relay: boolean): Promise<number> {
  const { id } = await database.db.node.create({
    data: {
      stableId: name, kind: 'agent', name, machineKey: `mkey:${name}`, nodeKey: `nodekey:${at.toString(16).padStart(64, '0')}`,
      discoKey: `discokey:${at.toString(16).padStart(64, '0')}`, ipv4: `100.64.0.${at}`, ipv6: `fd7a:115c:a1e0::${at}`, capVersion: 1,
      tags: ['tag:relay'], hostname: name, os: 'linux', version: '0.1.0', ...(relay ? { relay: { create: {} } } : {}),
    },
  })
  return id
}

async function token(...scopes: TokenScope[]): Promise<string> {
  return (await createApiToken(services, ann, { name: 'test', scopes })).token
}

beforeAll(async () => {
  const { db } = database
  const bus = createBus(onError)
  await ensurePolicy(db)
  relayId = await machine('lock-1', 1, true)
  const { id } = await db.user.create({ data: { name: 'Ann', email: 'ann@example.com', role: 'owner' } })
  ann = { kind: 'user', id, name: 'Ann', email: 'ann@example.com', role: 'owner', ip: null }
  const network = await createLiveNetwork({ load: networkLoader(db), bus, clock, onError })
  const facts = { version: '0.1.0', publicUrl: 'https://relay.example', isLoopbackOnly: false, joinUrl: null, joinWarning: '', tls: () => null, database: 'embedded', stunPort: 3478, dataFlag: '', derp: () => null } as const
  services = { db, bus, clock, random: randomBytes, network, live, figures, questions: noQuestions, server: facts }
  const auth = createAuth({ db, secret: 'x'.repeat(64), publicUrl: facts.publicUrl, clock, random: randomBytes, onPerson: () => {}, onError })
  const handler = createApiHandler({ services, auth, metrics, onError })
  const trusted = trustedProxies([])
  server = createServer((request, response) => {
    stampRequest(request, trusted)
    void handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  url = `http://127.0.0.1:${port}/api/v1`
})
afterAll(async () => {
  services.network.dispose()
  await new Promise((resolve) => server.close(resolve))
})

async function ask(method: string, path: string, bearer: string | undefined, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const answer: unknown = await response.json()
  return { status: response.status, etag: response.headers.get('etag') ?? '', body: answer }
}

const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) })

test('the document lists every route that is asked for, and none of them answers a stranger', async () => {
  const { paths } = documentSchema.parse((await ask('GET', '/openapi.json', undefined)).body)
  expect(Object.keys(paths)).toEqual(expect.arrayContaining([
    '/relays', '/relays/{id}', '/relays/{id}/advertised', '/relays/{id}/settings', '/relays/{id}/throughput', '/throughput', '/sessions',
    '/machines', '/machines/{id}', '/dns', '/policy', '/policy/check', '/policy/network', '/auth-keys', '/auth-keys/{id}', '/activity', '/derp', '/derp/regions', '/derp/regions/{id}',
  ]))
  for (const [path, operations] of Object.entries(paths)) {
    for (const method of Object.keys(operations)) {
      const { status, body } = await ask(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, '1'), undefined)
      expect([method, path, status, body]).toMatchObject([method, path, 401, { error: { code: 'unauthenticated' } }])
    }
  }
})

test('a number in a path is read as one, whichever procedure it leads to', async () => {
  const all = await token('relays:read', 'machines:read')
  expect(await ask('GET', `/relays/${relayId}`, all)).toMatchObject({ status: 200, body: { id: relayId, name: 'lock-1', advertised: false } })
  expect(await ask('GET', `/machines/${relayId}`, all)).toMatchObject({ status: 200, body: { name: 'lock-1' } })
  expect(await ask('GET', '/relays/99', all)).toMatchObject({ status: 404, body: { error: { code: 'not-found', path: 'id' } } })
})

test('the switch: turned by a token, in the audit trail with the token’s name and address', async () => {
  const writer = await token('relays:read', 'relays:write')
  expect(await ask('PUT', `/relays/${relayId}/advertised`, writer, { advertised: true })).toMatchObject({ status: 200, body: { id: relayId, advertised: true, state: expect.any(String) } })
  expect(await database.db.relay.findUniqueOrThrow({ where: { nodeId: relayId } })).toMatchObject({ advertised: true })
  expect(await database.db.auditEvent.findFirst({ orderBy: { id: 'desc' } })).toMatchObject({ action: 'relay.set-advertised', actorKind: 'token', actorName: 'test', ip: '127.0.0.1' })
  expect(await ask('PUT', `/relays/${relayId}/advertised`, writer, { advertised: 'false' })).toMatchObject({ status: 400, body: { error: { path: 'advertised' } } })
  expect(await database.db.relay.findUniqueOrThrow({ where: { nodeId: relayId } })).toMatchObject({ advertised: true })
})

test('a wrong field is named by its path', async () => {
  const settings = { port: 70_000, staticEndpoints: [], region: '', maxEndpoints: 10, handshakesPerSecond: 10 }
  const { status, body } = await ask('PUT', `/relays/${relayId}/settings`, await token('relays:write'), settings)
  expect([status, body]).toMatchObject([400, { error: { code: 'invalid', path: 'port', message: 'port: a port is 1 to 65535' } }])
})

describe('the policy', () => {
  const text = '{"grants": [{"src": ["*"], "dst": ["*"], "ip": ["*"]}]}'

  test('is saved over the version that was read; a second writer is told, and nothing is lost', async () => {
    const writer = await token('policy:read', 'policy:write')
    const read = await ask('GET', '/policy', writer)
    expect(read.etag).toBe('"policy-1"')
    const saved = await ask('PUT', '/policy', writer, { text, message: 'all' }, { 'if-match': read.etag })
    expect(saved).toMatchObject({ status: 200, etag: '"policy-2"', body: { version: 2, text, author: 'test', createdAt: expect.stringMatching(/^\d{4}-.*Z$/) } })
    const late = await ask('PUT', '/policy', writer, { text: '{"grants": []}' }, { 'if-match': read.etag })
    expect(late).toMatchObject({ status: 412, body: { error: { code: 'conflict', fix: expect.any(String) } } })
    expect((await ask('GET', '/policy', writer)).body).toMatchObject({ version: 2, text })
  })

  test('is not saved without If-Match, with problems, or without the scope', async () => {
    const writer = await token('policy:read', 'policy:write')
    const { etag } = await ask('GET', '/policy', writer)
    expect(await ask('PUT', '/policy', writer, { text })).toMatchObject({ status: 428, body: { error: { path: 'If-Match' } } })
    expect(await ask('PUT', '/policy', writer, { text: '{"grants": 1}' }, { 'if-match': etag })).toMatchObject({
      status: 400, body: { error: { code: 'invalid', path: 'text', details: { problems: expect.any(Array) } } },
    })
    expect(await ask('PUT', '/policy', await token('policy:read'), { text }, { 'if-match': etag })).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } })
    expect((await ask('GET', '/policy', writer)).etag).toBe(etag)
  })

  test('what a text does is told to those alone who may list machines and sessions', async () => {
    const all: TokenScope[] = ['policy:read', 'machines:read', 'sessions:read']
    expect((await ask('POST', '/policy/check', await token(...all), { text })).status).toBe(200)
    for (const path of ['/policy/check', '/policy/simulate']) {
      for (const left of all) {
        const { status, body } = await ask('POST', path, await token(...all.filter((scope) => scope !== left)), { text, from: relayId, to: 99 })
        expect([path, left, status, body]).toMatchObject([path, left, 403, { error: { message: `test may not do this: it needs ${left}` } }])
      }
    }
  })

  test('can be tried elsewhere: people and machines come as the file that the command line reads', async () => {
    const { status, body } = await ask('GET', '/policy/network', await token('policy:read', 'machines:read'))
    expect(status).toBe(200)
    const read = readNetworkFile(JSON.stringify(body))
    expect(read).toMatchObject({ ok: true, network: { nodes: [{ name: 'lock-1', tags: ['tag:relay'], isRelay: true, kind: 'agent', addresses: [expect.stringMatching(/^100\./), expect.stringMatching(/^fd7a:/)] }] } })
    expect(read.ok && read.network.people.some(({ role }) => role === 'owner' || role === 'admin')).toBe(true)
    expect((await ask('GET', '/policy/network', await token('policy:read'))).status).toBe(403)
  })
})

test('a token ends when it is revoked, when it expires, and acts no further than its owner’s role', async () => {
  const made = await createApiToken(services, ann, { name: 'ci', scopes: ['relays:read', 'relays:write'], validDays: 1 })
  const use = async () => (await ask('GET', '/relays', made.token)).status
  expect(await use()).toBe(200)
  await database.db.user.update({ where: { id: ann.id }, data: { role: 'viewer' } })
  expect((await ask('PUT', `/relays/${relayId}/advertised`, made.token, { advertised: false })).status).toBe(403)
  expect(await use()).toBe(200)
  await database.db.user.update({ where: { id: ann.id }, data: { role: 'owner' } })
  now += 86_400_000
  expect(await use()).toBe(401)
  const other = await createApiToken(services, ann, { name: 'ci', scopes: ['relays:read'] })
  expect((await ask('GET', '/relays', other.token)).status).toBe(200)
  await revokeApiToken(services, ann, { id: other.row.id })
  expect((await ask('GET', '/relays', other.token)).status).toBe(401)
})

test('nothing of this was a failure', () => {
  expect(errors).toEqual([])
})
