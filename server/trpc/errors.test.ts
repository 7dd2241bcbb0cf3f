import { TRPCError } from '@trpc/server'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { TowpathError, type ErrorCode } from '../errors/index.ts'
import { describeError, toTrpcError } from './errors.ts'

test.each([
  ['unauthenticated', 'UNAUTHORIZED'], ['forbidden', 'FORBIDDEN'], ['not-found', 'NOT_FOUND'], ['invalid', 'BAD_REQUEST'],
  ['conflict', 'CONFLICT'], ['rate-limited', 'TOO_MANY_REQUESTS'], ['unavailable', 'SERVICE_UNAVAILABLE'],
] satisfies [ErrorCode, string][])('%s is %s, with what to do', (code, expected) => {
  const error = toTrpcError(new TowpathError({ code, text: 'It is so', fix: 'Do this', path: 'a.0', details: { more: 1 } }))
  expect(error.code).toBe(expected)
  expect(describeError(error)).toEqual({ message: 'It is so', data: { fix: 'Do this', reason: code, path: 'a.0', details: { more: 1 } } })
})

test('a field that is wrong: its path, and what is expected', () => {
  const schema = z.object({ port: z.number(), list: z.array(z.object({ name: z.string().min(1, 'a name') })) })
  const parsed = schema.safeParse({ port: '1', list: [{ name: '' }] })
  const described = describeError(toTrpcError(parsed.error))
  expect(described.message).toBe('port: expected a number')
  expect(described.data).toMatchObject({ reason: 'invalid', path: 'port', issues: [{ path: 'port' }, { path: 'list.0.name', expected: 'a name' }] })
})

test('a bug keeps its text to itself', () => {
  const error = toTrpcError(new Error('password is hunter2'))
  expect(error.code).toBe('INTERNAL_SERVER_ERROR')
  expect(JSON.stringify(describeError(error))).not.toContain('hunter2')
  expect(error.cause?.message).toBe('password is hunter2')
})

test.each([
  Object.assign(new Error('Invalid `prisma.node.findMany()` invocation'), { code: 'P1001' }),
  new Error('Failed to get session', { cause: new Error('Invalid `prisma.session.findFirst()` invocation: write EPIPE') }),
  new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: new Error('the database system is not yet accepting connections') }),
])('a database that is away is no bug: %s', (thrown) => {
  const error = toTrpcError(thrown)
  expect(error.code).toBe('SERVICE_UNAVAILABLE')
  expect(describeError(error)).toMatchObject({ message: 'The database does not answer', data: { reason: 'unavailable' } })
})

test('what the router wrapped is unwrapped, what it says itself stays', () => {
  const cause = new TowpathError({ code: 'conflict', text: 'Taken', fix: 'Another' })
  expect(toTrpcError(new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause })).code).toBe('CONFLICT')
  const own = new TRPCError({ code: 'PRECONDITION_FAILED', message: 'Taken', cause })
  expect(toTrpcError(own)).toBe(own)
  expect(describeError(own).data).toMatchObject({ reason: 'conflict', fix: 'Another' })
})
