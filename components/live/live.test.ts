import { TRPCClientError } from '@trpc/client'
import { expect, test } from 'vitest'
import { retryDelay } from './client.ts'
import { isSignedOut } from './signed-out.ts'
import { routers, touchedBy } from './topics.ts'

test('a topic touches what shows it; an unknown one everything', () => {
  expect([...touchedBy(['auth-key.changed', 'audit.added'])]).toEqual(['authKey', 'activity'])
  expect([...touchedBy(['something.new'])]).toEqual([...routers])
  expect([...touchedBy([])]).toEqual([])
})

test('reconnecting: at once, then ever more seldom, spread, never more than 7 s apart', () => {
  expect(retryDelay(0, 0.5)).toBe(0)
  expect(retryDelay(1, 0.5)).toBe(500)
  expect(retryDelay(2, 0)).toBe(750)
  expect(retryDelay(30, 1)).toBe(6250)
})

test('only an answer says that nobody is signed in', () => {
  const answer = (code: string) => new TRPCClientError('no', { result: { error: { message: 'no', code: -32_001, data: { code } } } })
  expect([answer('UNAUTHORIZED'), answer('FORBIDDEN'), new TRPCClientError('fetch failed'), new Error('UNAUTHORIZED')].map(isSignedOut)).toEqual([true, false, false, false])
})
