import { fail, ok, type Result } from '../../../lib/result.ts'

export interface HttpResponse {
  readonly status: number
  /** By lower-case name; of a repeated one the first. */
  readonly headers: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

export type ResponseFault = 'no-head' | 'head-too-long' | 'bad-status-line' | 'bad-header' | 'too-many-headers' | 'bad-length' | 'bad-encoding' | 'short' | 'long' | 'bad-chunk'

const maxHeadBytes = 16_384
const maxHeaders = 64
const [cr, lf] = [0x0d, 0x0a]
const headText = new TextDecoder('latin1')

/**
 * One whole HTTP/1 response, as a client posts it (spec/coordination.md §7.1): its body has a length, is chunked, or goes to
 * the end. Nothing may be left over. What clients do not write (folded headers, trailers, two lengths) is refused.
 */
export function parseHttpResponse(bytes: Uint8Array): Result<HttpResponse, ResponseFault> {
  const end = headEnd(bytes)
  if (end === undefined) return fail(bytes.length > maxHeadBytes ? 'head-too-long' : 'no-head')
  const [statusLine = '', ...lines] = headText.decode(bytes.subarray(0, end)).split('\r\n')
  const status = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/.exec(statusLine)?.[1]
  if (status === undefined) return fail('bad-status-line')
  if (lines.length > maxHeaders) return fail('too-many-headers')
  /** Bounded: `maxHeaders`. */
  const headers = new Map<string, string>()
  for (const line of lines) {
    const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t\x20-\x7e\x80-\xff]*?)[\t ]*$/.exec(line) ?? []
    if (name === undefined || value === undefined) return fail('bad-header')
    const key = name.toLowerCase()
    const known = headers.get(key)
    if (known === undefined) headers.set(key, value)
    // Two that disagree are how one request hides in another.
    else if (key === 'content-length' || key === 'transfer-encoding') return fail('bad-length')
  }
  const body = bodyOf(Number(status), headers, bytes.subarray(end + 4))
  return body.ok ? ok({ status: Number(status), headers, body: body.value }) : body
}

/** Where the blank line begins; undefined: there is none within the bound. */
function headEnd(bytes: Uint8Array): number | undefined {
  const last = Math.min(bytes.length, maxHeadBytes) - 4
  for (let at = 0; at <= last; at++) {
    if (bytes[at] === cr && bytes[at + 1] === lf && bytes[at + 2] === cr && bytes[at + 3] === lf) return at
  }
  return undefined
}

function bodyOf(status: number, headers: ReadonlyMap<string, string>, rest: Uint8Array): Result<Uint8Array, ResponseFault> {
  const [length, encoding] = [headers.get('content-length'), headers.get('transfer-encoding')]
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== 'chunked') return fail('bad-encoding')
    return length === undefined ? chunks(rest) : fail('bad-length')
  }
  if (length === undefined) return status === 204 || status === 304 ? (rest.length === 0 ? ok(rest) : fail('long')) : ok(rest)
  if (!/^\d{1,10}$/.test(length)) return fail('bad-length')
  if (rest.length < Number(length)) return fail('short')
  return rest.length > Number(length) ? fail('long') : ok(rest)
}

function chunks(rest: Uint8Array): Result<Uint8Array, ResponseFault> {
  const body = new Uint8Array(rest.length)
  let filled = 0
  for (let at = 0; ;) {
    let size = 0
    const from = at
    for (; at < rest.length && at - from < 8; at++) {
      const digit = hexDigit(rest[at] ?? 0)
      if (digit === undefined) break
      size = size * 16 + digit
    }
    if (at === from || rest[at] !== cr || rest[at + 1] !== lf) return fail(at + 1 >= rest.length ? 'short' : 'bad-chunk')
    at += 2
    if (at + size + 2 > rest.length) return fail('short')
    if (rest[at + size] !== cr || rest[at + size + 1] !== lf) return fail('bad-chunk')
    if (size === 0) return at + 2 === rest.length ? ok(body.subarray(0, filled)) : fail('long')
    body.set(rest.subarray(at, at + size), filled)
    filled += size
    at += size + 2
  }
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : undefined
}
