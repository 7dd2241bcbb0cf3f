import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { PingRequest } from '../../../protocol/tailcfg/index.ts'
import { createQuestions, type QuestionDesk } from './questions.ts'
import { exchangeOf, type Answered } from './testing.ts'

const ok = 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n'
let told: PingRequest[] = []
let isThere = true
let warned: string[] = []
let desk: QuestionDesk

beforeEach(() => {
  vi.useFakeTimers()
  told = []
  isThere = true
  warned = []
  let count = 0
  desk = createQuestions({
    tell: (_, { PingRequest: ask }) => {
      if (isThere) told.push(ask)
      return isThere
    },
    machineKeyOf: (nodeId) => (nodeId === 7 ? 'mkey:1' : undefined),
    clock: { now: () => Date.now() },
    random: (length) => new Uint8Array(length).fill(++count),
    log: { warn: (_, text) => void warned.push(text) },
  })
})
afterEach(() => {
  desk.dispose()
  vi.useRealTimers()
})

/** What the client posts to the URL of the last question. */
async function post(body: string, more: { readonly machineKey?: string; readonly method?: string; readonly path?: string } = {}): Promise<Answered[]> {
  const { exchange, answers } = exchangeOf(more.path ?? new URL(told.at(-1)?.URL ?? '').pathname, body, more)
  await desk.handler(exchange)
  return answers
}

const asked = (): string => Buffer.from(told.at(-1)?.Payload ?? '', 'base64').toString()

describe('a c2n question', () => {
  test('is a whole request without a host, and its answer comes back as status, headers and body', async () => {
    const answer = desk.c2n(7, { method: 'PATCH', path: '/remoteapi/localapi/v0/prefs', body: '{"a":"ü"}', timeoutMs: 10_000 })
    expect(told).toEqual([{ URL: `https://unused/c2n/${'01'.repeat(16)}`, URLIsNoise: true, Types: 'c2n', Payload: expect.any(String) }])
    expect(asked()).toBe('PATCH /remoteapi/localapi/v0/prefs HTTP/1.1\r\nHost: \r\nC2n-Handler-Timeout: 10s\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"a":"ü"}')
    expect(await post('HTTP/1.1 403 Forbidden\r\nX-A: b\r\n\r\nno')).toEqual([{ status: 204, body: undefined }])
    expect(await answer).toEqual({ status: 403, headers: new Map([['x-a', 'b']]), body: 'no' })
  })

  test('is answered once, by the machine that was asked, on its own path', async () => {
    const answer = desk.c2n(7, { method: 'GET', path: '/echo' })
    const path = new URL(told[0]?.URL ?? '').pathname
    const refused = [{ status: 404, body: 'no such question' }]
    expect(await post(ok, { machineKey: 'mkey:2' })).toEqual(refused)
    expect(await post(ok, { path: path.replace('c2n', 'ping') })).toEqual(refused)
    expect(await post(ok, { path: path.replace('01', '02') })).toEqual(refused)
    expect(await post(ok, { path: `${path}0` })).toEqual(refused)
    expect(await post(ok, { method: 'GET' })).toEqual([{ status: 405, body: 'POST it' }])
    expect(await post(`${ok}first`)).toEqual([{ status: 204, body: undefined }])
    expect(await post(`${ok}second`, { path })).toEqual(refused)
    expect((await answer).body).toBe('first')
  })

  test('that nobody answers lapses, and its token with it; none waits for more than 90 s', async () => {
    const answer = desk.c2n(7, { method: 'GET', path: '/echo', timeoutMs: 3_600_000 }).catch((error: unknown) => error)
    await vi.advanceTimersByTimeAsync(90_000)
    expect(await answer).toMatchObject({ code: 'unavailable', message: 'The client does not answer' })
    expect(await post(ok)).toMatchObject([{ status: 404 }])
  })

  test('whose answer is no HTTP, or too long, is told as that', async () => {
    const unread = desk.c2n(7, { method: 'GET', path: '/echo' }).catch((error: unknown) => error)
    await post('nothing of the kind')
    expect(await unread).toMatchObject({ code: 'unavailable', message: 'The client’s answer cannot be read (no-head)' })
    expect(warned).toHaveLength(1)
    const long = desk.c2n(7, { method: 'GET', path: '/echo' }).catch((error: unknown) => error)
    await expect(post(ok + 'x'.repeat(4 << 20))).rejects.toThrow('too large')
    expect(await long).toMatchObject({ code: 'unavailable', message: 'The client’s answer is too long, or broke off' })
  })

  test('has a path of ours, never one with a line break', async () => {
    await expect(desk.c2n(7, { method: 'GET', path: '/a\r\nHost: b' })).rejects.toThrow(/no path/)
    expect(told).toEqual([])
  })
})

describe('a ping', () => {
  test('tells the path that the client has', async () => {
    const answer = desk.ping(7, { types: 'disco', ip: '100.64.0.2' })
    expect(told).toEqual([{ URL: `https://unused/ping/${'01'.repeat(16)}`, URLIsNoise: true, Types: 'disco', IP: '100.64.0.2' }])
    await post('{"Type":"disco","IP":"100.64.0.2","LatencySeconds":0.0006,"PeerRelay":"198.51.100.10:40000:vni:1","New":1}')
    expect(await answer).toMatchObject({ PeerRelay: '198.51.100.10:40000:vni:1', LatencySeconds: 0.0006, Endpoint: '', DERPRegionID: 0 })
  })

  test('that fails is answered by nobody: after 12 s it says so', async () => {
    const answer = desk.ping(7, { types: 'disco', ip: '100.64.0.2' })
    await vi.advanceTimersByTimeAsync(11_999)
    expect(await Promise.race([answer, 'waits'])).toBe('waits')
    await vi.advanceTimersByTimeAsync(1)
    expect(await answer).toBe('no answer')
  })

  test.each(['', '[', '{"LatencySeconds":-1}', `{"PeerRelay":"${'x'.repeat(2000)}"}`])('whose answer is %j cannot be read', async (body) => {
    const answer = desk.ping(7, { types: 'disco', ip: '100.64.0.2' }).catch((error: unknown) => error)
    await post(body)
    expect(await answer).toMatchObject({ code: 'unavailable' })
  })
})

test('one pair is pinged once at a time: who asks again meanwhile gets the same answer', async () => {
  const both = [desk.ping(7, { types: 'disco', ip: '100.64.0.2' }), desk.ping(7, { types: 'disco', ip: '100.64.0.2' })]
  expect(told).toHaveLength(1)
  await post('{"DERPRegionID":900}')
  expect(await Promise.all(both)).toMatchObject([{ DERPRegionID: 900 }, { DERPRegionID: 900 }])
  const next = desk.ping(7, { types: 'disco', ip: '100.64.0.2' })
  expect(told).toHaveLength(2)
  await post('{"DERPRegionID":901}')
  expect(await next).toMatchObject({ DERPRegionID: 901 })
})

test('a client that is not connected is not waited for', async () => {
  isThere = false
  await expect(desk.ping(7, { types: 'disco', ip: '100.64.0.2' })).rejects.toMatchObject({ code: 'unavailable', message: 'This client is not connected' })
  isThere = true
  // The token of a question that was not put is worth nothing.
  expect(await post(ok, { path: `/ping/${'01'.repeat(16)}` })).toMatchObject([{ status: 404 }])
})

test('of one client eight wait at most, and twenty are asked at once, two a second after that', async () => {
  const open = Array.from({ length: 8 }, (_, i) => desk.ping(7, { types: 'disco', ip: `100.64.1.${i}` }))
  await expect(desk.ping(7, { types: 'disco', ip: '100.64.0.2' })).rejects.toMatchObject({ code: 'rate-limited' })
  const one = async (): Promise<void> => {
    const answer = desk.ping(7, { types: 'disco', ip: '100.64.0.2' })
    await post('{}')
    await answer
  }
  await vi.advanceTimersByTimeAsync(12_000)
  expect(await Promise.all(open)).toEqual(Array(8).fill('no answer'))
  for (let i = 0; i < 20; i++) await one()
  await expect(one()).rejects.toMatchObject({ code: 'rate-limited' })
  await vi.advanceTimersByTimeAsync(1000)
  await one()
  await one()
  await expect(one()).rejects.toMatchObject({ code: 'rate-limited' })
})

test('what waits when the control plane stops gets no answer', async () => {
  const answer = desk.c2n(7, { method: 'GET', path: '/echo' }).catch(String)
  desk.dispose()
  expect(await answer).toContain('the control plane is stopping')
})
