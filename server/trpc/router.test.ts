import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { TowpathError } from '../errors/index.ts'
import { withTestDb } from '../db/testing.ts'
import type { NetworkThroughput, RelayThroughput } from '../metrics/shape.ts'
import type { Actor } from '../services/actor.ts'
import { scopesOf, type Scope } from '../services/permissions.ts'
import { person, testContext, type TestContext } from '../services/testing.ts'
import type { TrpcContext } from './context.ts'
import { appRouter, createCaller, type Caller } from './router.ts'

const database = withTestDb()
let services: TestContext
beforeAll(async () => {
  services = await testContext(database.db)
})
afterAll(() => services.dispose())

const id = randomUUID()
/** Every mutation but the door's, with an input that is well formed: whoever may not do it is refused before anything is looked up. */
const mutations: Readonly<Record<string, (caller: Caller) => Promise<unknown>>> = {
  'relay.setAdvertised': (caller) => caller.relay.setAdvertised({ id: 1, advertised: true }),
  'relay.configure': (caller) => caller.relay.configure({ id: 1, port: 40_000, staticEndpoints: [], region: '', maxEndpoints: 1, handshakesPerSecond: 1 }),
  'machine.rename': (caller) => caller.machine.rename({ id: 1, name: 'lock-9' }),
  'machine.setTags': (caller) => caller.machine.setTags({ id: 1, tags: [] }),
  'machine.approve': (caller) => caller.machine.approve({ id: 1 }),
  'machine.remove': (caller) => caller.machine.remove({ id: 1 }),
  'machine.setRoutes': (caller) => caller.machine.setRoutes({ id: 1, routes: [], exitNode: false }),
  'machine.setKeyExpiry': (caller) => caller.machine.setKeyExpiry({ id: 1, disabled: true }),
  'machine.readNetmap': (caller) => caller.machine.readNetmap({ id: 1 }),
  'machine.expireKey': (caller) => caller.machine.expireKey({ id: 1 }),
  'dns.save': (caller) => caller.dns.save({ domain: 'example.internal', magicDns: true, searchDomains: [], resolvers: [], routes: [], records: [] }),
  'machine.checkPath': (caller) => caller.machine.checkPath({ id: 1, peerId: 2 }),
  'policy.save': (caller) => caller.policy.save({ text: '{}', expectedVersion: 0 }),
  'policy.put': (caller) => caller.policy.put({ text: '{}' }),
  'authKey.create': (caller) => caller.authKey.create({}),
  'authKey.revoke': (caller) => caller.authKey.revoke({ id }),
  'apiToken.create': (caller) => caller.apiToken.create({ name: 't', scopes: ['relays:read'] }),
  'apiToken.revoke': (caller) => caller.apiToken.revoke({ id }),
  'person.invite': (caller) => caller.person.invite({ role: 'viewer' }),
  'person.setRole': (caller) => caller.person.setRole({ id, role: 'viewer' }),
  'person.remove': (caller) => caller.person.remove({ id }),
  'derp.save': (caller) => caller.derp.save({ code: 'far', name: 'Far', servers: [{ host: 'derp.example.com' }] }),
  'derp.remove': (caller) => caller.derp.remove({ id: 901 }),
  'derp.nameOwn': (caller) => caller.derp.nameOwn({ code: 'ams', name: 'Amsterdam' }),
  'derp.setSource': (caller) => caller.derp.setSource({ url: 'https://example.com/derpmap.json' }),
  'derp.refreshSource': (caller) => caller.derp.refreshSource(),
  'setting.update': (caller) => caller.setting.update({ networkName: 'Mine' }),
}
const reads: Readonly<Record<string, (caller: Caller) => Promise<unknown>>> = {
  'overview.get': (caller) => caller.overview.get(),
  'overview.throughput': (caller) => caller.overview.throughput({ range: '1h' }),
  'relay.list': (caller) => caller.relay.list(),
  'relay.throughput': (caller) => caller.relay.throughput({ id: 1, range: '1h' }),
  'session.list': (caller) => caller.session.list({ state: 'live' }),
  'session.derpPairs': (caller) => caller.session.derpPairs(),
  'machine.list': (caller) => caller.machine.list(),
  'policy.get': (caller) => caller.policy.get(),
  'policy.versions': (caller) => caller.policy.versions({}),
  'policy.version': (caller) => caller.policy.version({ version: 1 }),
  'policy.quotas': (caller) => caller.policy.quotas(),
  'activity.list': (caller) => caller.activity.list({}),
  'authKey.list': (caller) => caller.authKey.list(),
  'person.list': (caller) => caller.person.list(),
  'dns.get': (caller) => caller.dns.get(),
  'derp.list': (caller) => caller.derp.list(),
  'setting.get': (caller) => caller.setting.get(),
}

const throughput: RelayThroughput & NetworkThroughput = { range: '1h', stepMs: 10_000, from: 0, to: 1, points: [], marks: [] }

function callerOf(actor: Actor | null, headers = new Headers()): Caller {
  const context: TrpcContext = {
    services, actor, headers, lookAgain: async () => actor, setHeader: () => {},
    door: {
      state: async () => ({ hasOwner: true, plainHttp: false }),
      checkLink: async () => ({ valid: false, purpose: 'invite', role: 'viewer', text: '', owner: null }),
      redeem: async () => { throw new TowpathError({ code: 'not-found', text: 'This link is not known here', fix: 'Ask again', path: 'token' }) },
    },
    metrics: {
      live: {
        ...services.live, relay: () => undefined, relays: () => [], sessions: () => new Map(),
        subscribe: () => () => {}, watched: () => false, onWatch: () => () => {},
      },
      queries: {
        ...services.figures, relayThroughput: async () => throughput, networkThroughput: async () => throughput,
        sparklines: async () => new Map(), dropsLastHour: async () => new Map(),
      },
    },
  }
  return createCaller(context)
}

const token = (scopes: readonly Scope[], role: 'owner' | 'viewer' = 'owner'): Actor => ({ kind: 'token', id, name: 'ci', role, scopes, ip: null })

describe('who may do what', () => {
  test('this table has every mutation that there is', () => {
    // Flat at run time, a path and its procedure each; its type is that of the nested routers.
    const procedures: Readonly<Record<string, unknown>> = appRouter._def.procedures
    const typed = z.record(z.string(), z.custom<{ _def: { type: string } }>((value) => typeof value === 'function' && '_def' in value)).parse(procedures)
    const found = Object.entries(typed).filter(([, { _def }]) => _def.type === 'mutation').map(([name]) => name)
    // Checking a policy and simulating one are mutations only because a text does not fit into an address: they change nothing, and viewers may.
    // A machine of their own is let in by any person: below.
    const others = (name: string): boolean => !name.startsWith('door.') && name !== 'policy.check' && name !== 'policy.simulate' && name !== 'login.decide'
    expect(found.filter(others).sort()).toEqual(Object.keys(mutations).sort())
  })

  describe.each(Object.entries(mutations))('%s', (_name, call) => {
    test.each([
      ['a viewer', person('viewer')],
      ['a token that only reads', token(scopesOf.viewer)],
      ['a token with every scope whose owner became a viewer', token(scopesOf.owner, 'viewer')],
      ['an agent', { kind: 'agent', id: 'n1', name: 'lock-1', ip: null }],
    ] satisfies [string, Actor][])('is refused to %s', async (_who, actor) => {
      await expect(call(callerOf(actor))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    })

    test('is refused to nobody in particular', async () => {
      await expect(call(callerOf(null))).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    })
  })

  test.each(['person.invite', 'person.setRole', 'person.remove'])('%s is refused to an admin', async (name) => {
    await expect(mutations[name]?.(callerOf(person('admin')))).rejects.toMatchObject({ code: 'FORBIDDEN' })
  })

  test.each(['login.get', 'login.decide'])('%s is any person’s, and no tool’s', async (name) => {
    const call = (caller: Caller): Promise<unknown> => (name === 'login.get' ? caller.login.get({ id: 'x' }) : caller.login.decide({ id: 'x', approve: true }))
    for (const actor of [token(scopesOf.owner), { kind: 'agent', id: 'n1', name: 'lock-1', ip: null }] satisfies Actor[]) await expect(call(callerOf(actor))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    await expect(call(callerOf(null))).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    const [answer] = await Promise.allSettled([call(callerOf(person('viewer')))])
    expect(answer).toMatchObject(name === 'login.get' ? { value: { state: 'unknown' } } : { reason: { code: 'CONFLICT' } })
  })

  test('nothing was written by all that', async () => {
    expect(await database.db.auditEvent.count()).toBe(0)
    expect(await database.db.setting.count()).toBe(0)
  })

  describe.each(Object.entries(reads))('%s', (_name, call) => {
    test('is a viewer’s to read, not a token’s without the scope, and nobody else’s', async () => {
      expect(await call(callerOf(person('viewer')))).toBeDefined()
      await expect(call(callerOf(token(['tokens:write'])))).rejects.toMatchObject({ code: 'FORBIDDEN' })
      await expect(call(callerOf(null))).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    })
  })

  /** Reads that take several scopes together, as they tell of machines and sessions, too. Two of them change nothing, though they are mutations in form. */
  const joint: readonly [string, readonly Scope[], (caller: Caller) => Promise<unknown>, answer: object][] = [
    ['policy.network', ['policy:read', 'machines:read'], (caller) => caller.policy.network(), { status: 'fulfilled' }],
    ['policy.check', ['policy:read', 'machines:read', 'sessions:read'], (caller) => caller.policy.check({ text: '{}' }), { status: 'fulfilled' }],
    ['policy.simulate', ['policy:read', 'machines:read', 'sessions:read'], (caller) => caller.policy.simulate({ from: 1, to: 2 }), { reason: { code: 'NOT_FOUND' } }],
  ]
  test.each(joint)('%s takes %j, each of them, and no more', async (_name, scopes, call, expected) => {
    for (const scope of scopes) {
      await expect(call(callerOf(token(scopesOf.owner.filter((one) => one !== scope))))).rejects.toMatchObject({ code: 'FORBIDDEN' })
    }
    await expect(call(callerOf(null))).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    for (const reader of [token(scopes), person('viewer')]) {
      const [answer] = await Promise.allSettled([call(callerOf(reader))])
      expect(answer).toMatchObject(expected)
    }
  })
})

describe('the door is open to all', () => {
  test('and says what is wrong with a link', async () => {
    const caller = callerOf(null)
    expect(await caller.door.state()).toEqual({ hasOwner: true, plainHttp: false, networkName: 'Towpath' })
    await expect(caller.door.redeem({ token: 't', name: 'A', email: 'a@example.com', password: '0123456789' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})

test('me is who asks', async () => {
  expect(await callerOf(person('admin')).me.get()).toMatchObject({ name: 'Ann', email: 'ann@example.com', role: 'admin', networkName: 'Towpath', version: '0.1.0', dataFlag: '' })
})

describe('the policy over the API', () => {
  const admin = person('admin')

  test('is saved over the version that If-Match names', async () => {
    const { etag, version } = await callerOf(admin).policy.get()
    const saved = await callerOf(admin, new Headers({ 'if-match': etag })).policy.put({ text: '{"grants": []}' })
    expect(saved.version).toBeGreaterThan(version)
    await expect(callerOf(admin, new Headers({ 'if-match': etag })).policy.put({ text: '{}' }))
      .rejects.toMatchObject({ code: 'PRECONDITION_FAILED', message: `Ann saved version ${saved.version} meanwhile; yours began with version ${version}` })
  })

  test('needs that header, in its form', async () => {
    await expect(callerOf(admin).policy.put({ text: '{}' })).rejects.toMatchObject({ code: 'PRECONDITION_REQUIRED' })
    await expect(callerOf(admin, new Headers({ 'if-match': '*' })).policy.put({ text: '{}' })).rejects.toMatchObject({ code: 'BAD_REQUEST', message: expect.stringContaining('If-Match is *') })
  })
})
