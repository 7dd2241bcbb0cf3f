import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TRPCError } from '@trpc/server'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Identity } from '../auth/index.ts'
import { TowpathError } from '../errors/index.ts'
import { authorise } from '../services/actor.ts'
import { procedure, router } from '../trpc/trpc.ts'
import { createApiHandlerFor } from './handler.ts'

const switchSchema = z.object({ id: z.number().int().positive(), advertised: z.boolean(), tags: z.array(z.string().min(2, 'two letters or more')).default([]) })
const heard: unknown[] = []
const errors: unknown[] = []

const testRouter = router({
  thing: router({
    get: procedure.meta({ openapi: { method: 'GET', path: '/things/{id}', summary: 'One thing' } })
      .input(z.object({ id: z.number().int().positive(), most: z.number().int().max(9).optional() }))
      .output(z.object({ id: z.number(), at: z.date() }))
      .query(({ ctx, input }) => {
        authorise(ctx.actor, 'relays:read')
        ctx.setHeader('etag', '"thing-1"')
        heard.push(input)
        return { id: input.id, at: new Date(0) }
      }),
    set: procedure.meta({ openapi: { method: 'PUT', path: '/things/{id}/advertised' } }).input(switchSchema).output(z.object({ done: z.boolean() }))
      .mutation(({ ctx, input }) => {
        authorise(ctx.actor, 'relays:write')
        heard.push(input)
        if (input.id === 2) throw new TowpathError({ code: 'not-found', text: 'There is no thing 2', fix: 'List them', path: 'id' })
        if (input.id === 3) throw new TRPCError({ code: 'PRECONDITION_FAILED', message: 'x', cause: new TowpathError({ code: 'conflict', text: 'It changed', fix: 'Read it again' }) })
        if (input.id === 4) throw new Error('secret of the inside')
        return { done: true }
      }),
    approve: procedure.meta({ openapi: { method: 'POST', path: '/things/{id}/approve' } }).input(z.object({ id: z.number() })).output(z.object({ id: z.number() }))
      .mutation(({ input }) => input),
    hidden: procedure.output(z.string()).query(() => 'not for the API'),
  }),
})

const identities: Readonly<Record<string, Identity>> = {
  'Bearer reader': { kind: 'token', id: 't', name: 'ci', role: 'admin', scopes: ['relays:read', 'gone:scope'], ip: null },
  'Bearer writer': { kind: 'token', id: 't', name: 'ci', role: 'admin', scopes: ['relays:read', 'relays:write'], ip: null },
}
let server: Server
let url = ''

const never = new Proxy({}, { get: (_, name) => { throw new Error(`not used here: ${String(name)}`) } })
beforeAll(async () => {
  const facts = { version: '0.1.0', publicUrl: 'https://relay.example', isLoopbackOnly: false, joinUrl: null, joinWarning: '', tls: () => null, database: 'embedded', stunPort: 3478, derp: () => null }
  // The router under test reaches none of the other services.
  const deps = Object.assign(Object.create(null), {
    services: { server: facts }, metrics: never, onError: (error: unknown) => errors.push(error),
    auth: { door: never, actorFromHeaders: async (headers: Headers) => (headers.has('cookie') ? identities['Bearer writer'] : identities[headers.get('authorization') ?? '']) },
  })
  const handler = createApiHandlerFor(testRouter, deps)
  server = createServer((request, response) => void handler(request, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  url = `http://127.0.0.1:${port}/api/v1`
})
afterAll(() => new Promise((resolve) => server.close(resolve)))
beforeEach(() => {
  heard.length = 0
  errors.length = 0
})

interface Asked { readonly token?: string; readonly body?: unknown; readonly text?: string; readonly headers?: Record<string, string> }
async function ask(method: string, path: string, { token = 'writer', body, text, headers = {} }: Asked = {}) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined && text === undefined ? {} : { body: text ?? JSON.stringify(body) }),
  })
  const answer: unknown = await response.json()
  return { status: response.status, headers: response.headers, body: answer }
}

test('what a verb gives comes as JSON, with dates as text and its ETag', async () => {
  const { status, headers, body } = await ask('GET', '/things/7?most=3', { token: 'reader' })
  expect([status, body]).toEqual([200, { id: 7, at: '1970-01-01T00:00:00.000Z' }])
  expect(headers.get('etag')).toBe('"thing-1"')
  expect(heard).toEqual([{ id: 7, most: 3 }])
})

describe('who may', () => {
  test.each([['', 'The API needs a token'], ['unknown', 'unknown, expired or revoked']])('token "%s" is nobody', async (token, message) => {
    const { status, headers, body } = await ask('GET', '/things/7', { token })
    expect([status, body]).toEqual([401, { error: { code: 'unauthenticated', message: expect.stringContaining(message), fix: expect.any(String) } }])
    expect(headers.get('www-authenticate')).toContain('Bearer')
  })

  test('a cookie counts for nothing', async () => {
    expect((await ask('GET', '/things/7', { token: '', headers: { cookie: 'towpath.session_token=x' } })).status).toBe(401)
  })

  test('a token without the scope is told which', async () => {
    const { status, body } = await ask('PUT', '/things/7/advertised', { token: 'reader', body: { advertised: true } })
    expect([status, body]).toEqual([403, { error: { code: 'forbidden', message: 'ci may not do this: it needs relays:write', fix: expect.stringContaining('relays:write') } }])
    expect(heard).toEqual([])
  })
})

describe('a wrong request', () => {
  test('is told the field and what is expected', async () => {
    const { status, body } = await ask('PUT', '/things/7/advertised', { body: { advertised: true, tags: ['ok', 'x'] } })
    expect([status, body]).toEqual([400, {
      error: { code: 'invalid', message: 'tags.1: two letters or more', fix: expect.any(String), path: 'tags.1', issues: [{ path: 'tags.1', expected: 'two letters or more' }] },
    }])
  })

  test.each([['"false"'], ['"true"'], ['1'], ['null']])('advertised: %s is no switch position: a body is taken as it is', async (value) => {
    const { status, body } = await ask('PUT', '/things/7/advertised', { text: `{"advertised": ${value}}`, headers: { 'content-type': 'application/json' } })
    expect([status, body]).toMatchObject([400, { error: { code: 'invalid', path: 'advertised' } }])
    expect(heard).toEqual([])
  })

  test.each([['/things/x', 'id'], ['/things/0', 'id'], ['/things/7?most=12', 'most']])('%s names %s', async (path, field) => {
    expect(await ask('GET', path)).toMatchObject({ status: 400, body: { error: { code: 'invalid', path: field } } })
  })

  test.each([
    ['not JSON', '{', 'application/json', 400], ['no object', '[1]', 'application/json', 400], ['not said to be JSON', '{}', 'text/plain', 415],
    ['too long', JSON.stringify({ x: 'x'.repeat(70_000) }), 'application/json', 413],
  ])('%s', async (_, text, type, wanted) => {
    const { status, body } = await ask('PUT', '/things/7/advertised', { text, headers: { 'content-type': type } })
    expect([status, body]).toMatchObject([wanted, { error: { message: expect.any(String), fix: expect.any(String) } }])
  })

  test.each([['GET', '/nothing'], ['POST', '/things/7'], ['GET', '/'], ['GET', '/thing.hidden'], ['OPTIONS', '/things/7']])('%s %s gets JSON', async (method, path) => {
    const { status, headers, body } = await ask(method, path)
    expect([404, 405]).toContain(status)
    expect(headers.get('content-type')).toContain('application/json')
    expect(body).toMatchObject({ error: { fix: expect.stringContaining('/api/v1/openapi.json') } })
  })
})

test('a verb’s errors keep their code, text, fix and path; a bug’s text stays inside', async () => {
  const put = (id: number) => ask('PUT', `/things/${id}/advertised`, { body: { advertised: true } })
  expect(await put(2)).toMatchObject({ status: 404, body: { error: { code: 'not-found', message: 'There is no thing 2', fix: 'List them', path: 'id' } } })
  expect(await put(3)).toMatchObject({ status: 412, body: { error: { code: 'conflict', message: 'It changed', fix: 'Read it again' } } })
  expect(errors).toEqual([])
  const { status, body } = await put(4)
  expect(status).toBe(500)
  expect(JSON.stringify(body)).not.toContain('secret')
  expect(String(errors[0])).toContain('secret of the inside')
})

test('what needs no body needs none', async () => {
  expect(await ask('POST', '/things/7/approve')).toMatchObject({ status: 200, body: { id: 7 } })
})

test('the OpenAPI document needs no token and describes routes, tokens and errors', async () => {
  const { status, body } = await ask('GET', '/openapi.json', { token: '' })
  expect(status).toBe(200)
  expect(body).toMatchObject({
    openapi: expect.stringMatching(/^3\.1/),
    servers: [{ url: 'https://relay.example/api/v1' }],
    components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths: {
      '/things/{id}': {
        get: {
          summary: 'One thing',
          responses: {
            200: { content: { 'application/json': { schema: { properties: { at: { type: 'string', format: 'date-time' } } } } } },
            401: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } },
          },
        },
      },
    },
  })
  expect(Object.keys(z.object({ paths: z.record(z.string(), z.unknown()) }).parse(body).paths).sort()).toEqual(['/things/{id}', '/things/{id}/advertised', '/things/{id}/approve'])
})
