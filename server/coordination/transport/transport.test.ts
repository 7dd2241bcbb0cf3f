import { afterEach, expect, test, vi } from 'vitest'
import { connect } from '../../../tests/coordination-client/index.ts'
import { TowpathError } from '../../errors/index.ts'
import { openTestTransport, type TestTransport } from '../../../tests/coordination-client/rig.ts'
import type { ExchangeHandler } from './types.ts'

let open: TestTransport | undefined
afterEach(async () => {
  await open?.close()
  open = undefined
})

async function start(handlers: Readonly<Record<string, ExchangeHandler>>, options: Parameters<typeof openTestTransport>[1] = {}): Promise<TestTransport> {
  open = await openTestTransport(handlers, options)
  return open
}

test('a client asks for the key, upgrades, and is known by its machine key', async () => {
  const { url, transport } = await start({
    '/who': async (exchange) => exchange.answer(200, { ...exchange.caller, query: exchange.query.get('a'), body: Buffer.from(await exchange.body(100)).toString() }),
  })
  const client = await connect(url, { version: 145, headers: { 'x-test-ip': '192.0.2.7' } })
  expect(client.early).toEqual({ nodeKeyChallenge: expect.stringMatching(/^chalpub:[0-9a-f]{64}$/) })
  const { status, json } = await client.request('/who?a=b', { hello: 1 })
  expect([status, json]).toEqual([200, { machineKey: client.machineKey, capVersion: 145, ip: '192.0.2.7', connectionId: 1, query: 'b', body: '{"hello":1}' }])
  expect(transport.callers().map(({ machineKey }) => machineKey)).toEqual([client.machineKey])
  await client.close()
  await vi.waitFor(() => expect(transport.counts()).toMatchObject({ connections: 0, requests: 1, closed: { client: 1 } }))
})

test('an answer goes on bit by bit, and its handler hears when the client leaves', async () => {
  let isOver = false
  const { url } = await start({
    '/map': (exchange) => {
      const answer = exchange.stream()
      answer.write(Buffer.from('one'))
      exchange.signal.addEventListener('abort', () => { isOver = true })
    },
  })
  const client = await connect(url)
  const body = await client.stream('/map', {})
  for await (const chunk of body) {
    expect(Buffer.from(chunk).toString()).toBe('one')
    break
  }
  await vi.waitFor(() => expect(isOver).toBe(true))
  await client.close()
})

test('errors of verbs are statuses with their words; bugs are 500 and the log’s', async () => {
  const { url, lines } = await start({
    '/refused': () => { throw new TowpathError({ code: 'rate-limited', text: 'Too often', fix: 'Wait', details: { retryAfterSeconds: 7 } }) },
    '/bug': () => { throw new Error('secret') },
    '/none': (exchange) => exchange.answer(204),
  })
  const client = await connect(url)
  const refused = await client.request('/refused')
  expect([refused.status, refused.text, refused.headers['retry-after']]).toEqual([429, 'Too often. Wait', '7'])
  const bug = await client.request('/bug')
  expect([bug.status, bug.text]).toEqual([500, 'internal error'])
  expect(lines.map(({ text }) => text)).toContain('coordination: a request failed')
  expect((await client.request('/none')).status).toBe(204)
  const unknown = await client.request('/machine/new-feature?x=1')
  expect([unknown.status, unknown.headers['content-type']]).toEqual([404, 'text/plain; charset=utf-8'])
  expect(open?.transport.counts().unknownPaths).toEqual({ '/machine/new-feature': 1 })
  await client.close()
})
