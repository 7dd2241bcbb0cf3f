import { expect, test } from 'vitest'
import { parseHttpResponse, type ResponseFault } from './http-response.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const head = 'HTTP/1.1 200 OK\r\n'

test.each([
  ['to the end, as clients write it', `${head}Connection: close\r\n\r\nhello`, 'hello'],
  ['by its length', `${head}Content-Length: 5\r\n\r\nhello`, 'hello'],
  ['in chunks', `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n`, 'hello'],
  ['none', 'HTTP/1.0 204\r\n\r\n', ''],
])('a body %s', (_, text, body) => {
  const parsed = parseHttpResponse(bytes(text))
  expect(parsed.ok && new TextDecoder().decode(parsed.value.body)).toBe(body)
})

test('the status, and headers by lower-case name', () => {
  const parsed = parseHttpResponse(bytes('HTTP/1.1 403 Forbidden\r\nContent-Type:  text/plain \r\nX-A: 1\r\nX-A: 2\r\n\r\n'))
  expect(parsed.ok && parsed.value.status).toBe(403)
  expect(parsed.ok && [...parsed.value.headers]).toEqual([['content-type', 'text/plain'], ['x-a', '1']])
})

test.each<[ResponseFault, string]>([
  ['no-head', ''],
  ['no-head', `${head}A: b\r\n`],
  ['head-too-long', `${head}A: ${'b'.repeat(20_000)}\r\n\r\n`],
  ['bad-status-line', 'HTTP/2 200 OK\r\n\r\n'],
  ['bad-status-line', 'HTTP/1.1 99 Low\r\n\r\n'],
  ['bad-status-line', 'GET / HTTP/1.1\r\n\r\n'],
  ['bad-header', `${head}A\r\n\r\n`],
  ['bad-header', `${head}A: b\r\n folded\r\n\r\n`],
  ['bad-header', `${head}A : b\r\n\r\n`],
  ['bad-header', `${head}A: b\nC: d\r\n\r\n`],
  ['too-many-headers', `${head}${'A: b\r\n'.repeat(65)}\r\n`],
  ['bad-length', `${head}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`],
  ['bad-length', `${head}Content-Length: -1\r\n\r\n`],
  ['bad-length', `${head}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ['bad-encoding', `${head}Transfer-Encoding: gzip, chunked\r\n\r\n`],
  ['short', `${head}Content-Length: 6\r\n\r\nhello`],
  ['long', `${head}Content-Length: 4\r\n\r\nhello`],
  ['long', 'HTTP/1.1 204 No Content\r\n\r\nhello'],
  ['short', `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`],
  ['short', `${head}Transfer-Encoding: chunked\r\n\r\n`],
  ['bad-chunk', `${head}Transfer-Encoding: chunked\r\n\r\nx\r\n`],
  ['bad-chunk', `${head}Transfer-Encoding: chunked\r\n\r\n3;a=b\r\nhel\r\n0\r\n\r\n`],
  ['bad-chunk', `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nhello\r\n0\r\n\r\n`],
  ['bad-chunk', `${head}Transfer-Encoding: chunked\r\n\r\n000000003\r\nhel\r\n0\r\n\r\n`],
  ['long', `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nmore`],
])('%s: %j', (reason, text) => {
  expect(parseHttpResponse(bytes(text))).toEqual({ ok: false, reason })
})

test('no answer that was torn, doubled or changed makes it throw or gives more body than there is', () => {
  const starts = [
    `${head}Connection: close\r\n\r\n{"UDPPort":40000,"Sessions":[]}`, `${head}Content-Length: 5\r\nX: y\r\n\r\nhello`,
    `${head}Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\nA\r\n0123456789\r\n0\r\n\r\n`,
  ].map(bytes)
  const pieces = ['\r\n', '\r\n\r\n', '0', 'f', 'Content-Length: 9\r\n', 'Transfer-Encoding: chunked\r\n', ':', ' ', 'HTTP/1.1', '\0', '\xff'].map(bytes)
  let state = 7
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff
    return (state >>> 8) % below
  }
  let taken = 0
  for (let i = 0; i < 1_000_000; i++) {
    const start = starts[random(starts.length)] ?? bytes('')
    const [from, to] = [random(start.length), random(start.length)]
    const piece = pieces[random(pieces.length)] ?? bytes('')
    const torn = random(2) === 0 ? Buffer.concat([start.subarray(0, from), piece, start.subarray(to)]) : Buffer.from(start.subarray(0, from))
    if (random(4) === 0 && torn.length > 0) torn[random(torn.length)] = random(256)
    const parsed = parseHttpResponse(torn)
    if (!parsed.ok) continue
    taken++
    if (parsed.value.body.length > torn.length || parsed.value.status < 100 || parsed.value.status > 599) throw new Error(`wrong for ${JSON.stringify(torn.toString('latin1'))}`)
  }
  expect(taken).toBeGreaterThan(1000)
})
