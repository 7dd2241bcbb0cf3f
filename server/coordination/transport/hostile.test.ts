import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { connect, type CoordinationClient } from '../../../tests/coordination-client/index.ts'
import type { ClosedReason } from './counts.ts'
import { h2Frame, h2Opening, h2Request, openTestTransport, rawClient, type RawClient, type TestTransport } from '../../../tests/coordination-client/rig.ts'
import type { AnswerStream } from './types.ts'

/** One server for all, and a client that behaves and must not notice the others. */
let open: TestTransport
let bystander: CoordinationClient
let chunks: AsyncIterator<Uint8Array>
let tick: AnswerStream | undefined

beforeAll(async () => {
  open = await openTestTransport({
    '/map': (exchange) => { tick = exchange.stream() },
    '/echo': async (exchange) => exchange.answer(200, (await exchange.body(256 * 1024)).length),
    '/wait': () => {},
  }, { limits: { newPerIp: { perSecond: 1000, burst: 1000 }, maxUnregisteredPerIp: 1000 } })
  bystander = await connect(open.url)
  const body = await bystander.stream('/map', {})
  chunks = body[Symbol.asyncIterator]()
})
afterAll(() => open.close())

/** Whether the bystander's stream goes on. */
async function goesOn(): Promise<boolean> {
  const said = randomBytes(8)
  tick?.write(said)
  const { value } = await chunks.next()
  return Buffer.from(value).equals(said)
}

/** A client past its HTTP/2 opening. */
async function opened(): Promise<RawClient> {
  const client = await rawClient(open.url)
  client.send(h2Opening)
  return client
}

function flood(client: RawClient, frame: Uint8Array): void {
  for (let n = 0; n < 40; n++) client.send(...Array.from({ length: 100 }, () => frame))
}

const ping = h2Frame(6, 0, 0, new Uint8Array(8))

const misdeeds: readonly [what: string, reason: ClosedReason, act: () => Promise<RawClient>][] = [
  ['a frame that is no record', 'not-a-record', async () => {
    const client = await opened()
    client.socket.write(Buffer.from([3, 0, 5, 1, 2, 3, 4, 5]))
    return client
  }],
  ['a frame of more than 4096 bytes, at its header', 'record-too-long', async () => {
    const client = await opened()
    client.socket.write(Buffer.from([4, 0x0f, 0xfe]))
    return client
  }],
  ['a record shorter than its tag', 'record-too-short', async () => {
    const client = await opened()
    client.socket.write(Buffer.from([4, 0, 15]))
    return client
  }],
  ['a record that is changed', 'record-forged', async () => {
    const client = await opened()
    const record = client.seal(ping)
    record[10] = (record[10] ?? 0) ^ 1
    client.socket.write(record)
    return client
  }],
  ['a record sent twice', 'record-forged', async () => {
    const client = await rawClient(open.url)
    const record = client.seal(h2Opening)
    client.socket.write(record)
    client.socket.write(record)
    return client
  }],
  ['records out of order', 'record-forged', async () => {
    const client = await rawClient(open.url)
    const [first, second] = [client.seal(h2Opening), client.seal(ping)]
    client.socket.write(second)
    client.socket.write(first)
    return client
  }],
  ['a record that is cut off by the connection’s end', 'client', async () => {
    const client = await opened()
    client.socket.end(client.seal(new Uint8Array(100)).subarray(0, 50))
    return client
  }],
  ['something else than HTTP/2', 'h2-error', async () => {
    const client = await rawClient(open.url)
    client.send(Buffer.from('GET / HTTP/1.1\r\nHost: unused\r\n\r\n'))
    return client
  }],
  ['an HTTP/2 frame that may not be', 'h2-error', async () => {
    const client = await opened()
    client.send(h2Frame(0, 0, 0, new Uint8Array(8)))
    return client
  }],
  ['a frame larger than was agreed', 'h2-error', async () => {
    const client = await opened()
    client.send(h2Frame(0, 0, 1, new Uint8Array(20_000)))
    return client
  }],
  ...([
    ['PING', ping], ['SETTINGS', h2Frame(4, 0, 0, Buffer.from('000300000064', 'hex'))], ['PRIORITY', h2Frame(2, 0, 1, Buffer.from('0000000010', 'hex'))],
    ['WINDOW_UPDATE', h2Frame(8, 0, 0, Buffer.from('00000001', 'hex'))],
  ] as const).map(([name, frame]) => [`a flood of ${name}`, 'h2-flood', async () => {
    const client = await opened()
    flood(client, frame)
    return client
  }] satisfies (typeof misdeeds)[number]),
  ['empty DATA without end', 'h2-flood', async () => {
    const client = await opened()
    client.send(h2Request(1, '/echo', false))
    flood(client, h2Frame(0, 0, 1))
    return client
  }],
  ['requests taken back at once', 'h2-resets', async () => {
    const client = await opened()
    for (let n = 0; n < 120; n++) client.send(h2Request(2 * n + 1, '/wait'), h2Frame(3, 0, 2 * n + 1, Buffer.from('00000008', 'hex')))
    return client
  }],
]

test.each(misdeeds)('%s: that connection ends (%s), for a logged reason, and no other', async (_, reason, act) => {
  const before = open.transport.counts().closed
  open.lines.length = 0
  const client = await act()
  await client.closed
  await vi.waitFor(() => expect(open.transport.counts().closed).toEqual({ ...before, [reason]: before[reason] + 1 }))
  expect(open.transport.counts().connections).toBe(1)
  expect(open.lines.map((line) => line.reason)).toEqual([reason])
  expect(await goesOn()).toBe(true)
})

test('headers that never end', async () => {
  const before = open.transport.counts().closed
  const client = await opened()
  client.send(h2Frame(1, 0, 1, Buffer.from([0x82])))
  flood(client, h2Frame(9, 0, 1))
  await client.closed
  const { closed } = open.transport.counts()
  // Whichever bound is met first, HTTP/2's own or ours.
  expect(closed['h2-flood'] + closed['h2-error']).toBe(before['h2-flood'] + before['h2-error'] + 1)
  expect(await goesOn()).toBe(true)
})

test('an initiation that was recorded and is sent again is nobody’s connection', async () => {
  const client = await rawClient(open.url)
  expect(open.transport.counts().connections).toBe(2)
  expect(open.transport.callers()).toHaveLength(1)
  client.socket.destroy()
  await vi.waitFor(() => expect(open.transport.counts().connections).toBe(1))
})

test('100 requests are open at a time, and further ones are refused', async () => {
  const before = open.transport.counts().requests
  expect(bystander.session.remoteSettings.maxConcurrentStreams).toBe(100)
  const raw = await opened()
  for (let n = 0; n < 150; n++) raw.send(h2Request(2 * n + 1, '/wait'))
  // RST_STREAM with REFUSED_STREAM, for each of the others.
  await vi.waitFor(() => expect(raw.received().toString('hex').match(/000004030000000[01][0-9a-f]{2}00000007/g)).toHaveLength(50))
  expect(open.transport.counts().requests).toBe(before + 100)
  raw.socket.destroy()
  expect(await goesOn()).toBe(true)
})

test('headers of more than 16 KiB reach no handler', async () => {
  const before = open.transport.counts().requests
  const client = await connect(open.url)
  await expect(client.request('/echo', {}, { headers: { 'x-long': 'a'.repeat(17 * 1024) } })).rejects.toThrow(/closed|ended|NGHTTP2|large/)
  expect(open.transport.counts().requests).toBe(before)
  await client.close()
})

test('a body that is too large is 413, whether its length was said or not', async () => {
  const client = await connect(open.url)
  const large = new Uint8Array(4 * 1024 * 1024)
  const said = await client.request('/echo', large, { headers: { 'content-length': String(large.length) } })
  const unsaid = await client.request('/echo', large)
  expect([said.status, unsaid.status, unsaid.text]).toEqual([413, 413, 'The request\'s body is larger than 262144 bytes. Send less at once'])
  expect((await client.request('/echo', new Uint8Array(256 * 1024))).text).toBe('262144')
  await client.close()
})

test('bodies that are sent at once have a bound together', async () => {
  const client = await opened()
  for (let n = 0; n < 100; n++) client.send(h2Request(2 * n + 1, '/echo', false), h2Frame(0, 0, 2 * n + 1, new Uint8Array(12 * 1024)))
  await vi.waitFor(() => expect(client.received().includes('Too much is being sent at once')).toBe(true))
  client.socket.destroy()
  expect(await goesOn()).toBe(true)
})

test('what a body took of the bound is given back', async () => {
  const client = await connect(open.url)
  const body = new Uint8Array(200 * 1024)
  for (let n = 0; n < 8; n++) expect((await client.request('/echo', n % 2 === 0 ? body : new Uint8Array(300 * 1024))).status).toBe(n % 2 === 0 ? 200 : 413)
  await client.close()
})
