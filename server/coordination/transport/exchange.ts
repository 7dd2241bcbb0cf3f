import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2'
import { constants } from 'node:http2'
import { readBody, type BodyBudget } from './body.ts'
import type { AnswerStream, Caller, Exchange } from './types.ts'

export interface ExchangeParts {
  readonly stream: ServerHttp2Stream
  readonly headers: IncomingHttpHeaders
  readonly caller: Caller
  readonly budget: BodyBudget
  readonly bodyMs: number
  readonly registered: () => void
  /** Bytes of the connection that its socket has not taken. */
  readonly connectionBuffered: () => number
}

/** An exchange, and what its connection alone may do with it. */
export interface OpenExchange extends Exchange {
  /** Whether an answer was given, or begun. */
  readonly isAnswered: boolean
  /** Tells the handler that there is no use in going on. */
  abort(reason: string): void
}

/** Statuses whose answer has no body: HTTP/2 ends the stream with the headers. */
const bodiless = new Set([204, 205, 304])

/** One request of a client and its answer, around an HTTP/2 stream. */
export function createExchange(parts: ExchangeParts): OpenExchange {
  const { stream, headers, caller, budget, bodyMs, registered, connectionBuffered } = parts
  const target = headers[':path'] ?? '/'
  const queryAt = target.indexOf('?')
  const method = headers[':method'] ?? 'GET'
  const aborting = new AbortController()
  let isAnswered = false
  let body: Promise<Uint8Array> | undefined

  // A reset is a request's everyday end; `close` follows.
  stream.on('error', () => {})
  stream.once('close', () => aborting.abort(new Error('the request is over')))
  // A client that is still sending what nobody reads is told to stop.
  stream.once('finish', () => setImmediate(() => {
    if (!stream.destroyed && !stream.readableEnded) stream.close(constants.NGHTTP2_NO_ERROR)
  }))

  function isOver(): boolean {
    return isAnswered || stream.destroyed || stream.closed
  }

  function respond(answerHeaders: OutgoingHttpHeaders, endStream: boolean): void {
    stream.respond(answerHeaders, { endStream: endStream || method === 'HEAD' })
    isAnswered = true
  }

  function answer(status: number, value?: unknown, more: Readonly<Record<string, string>> = {}): void {
    if (isOver()) return
    if (value === undefined || bodiless.has(status)) return respond({ ...more, ':status': status }, true)
    const isText = typeof value === 'string'
    const bytes = Buffer.from(isText ? value : JSON.stringify(value))
    respond({
      'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json', ...more, 'content-length': String(bytes.length), ':status': status,
    }, false)
    if (method !== 'HEAD') stream.end(bytes)
  }

  function begin(): AnswerStream {
    if (!isOver()) respond({ ':status': 200, 'content-type': 'application/octet-stream' }, false)
    const canWrite = (): boolean => !stream.destroyed && !stream.closed && !stream.writableEnded
    return {
      write: (bytes) => canWrite() && stream.write(bytes),
      drained: () => new Promise((resolve) => {
        if (!canWrite() || !stream.writableNeedDrain) return resolve()
        const done = (): void => {
          stream.off('drain', done).off('close', done)
          resolve()
        }
        stream.on('drain', done).on('close', done)
      }),
      bufferedBytes: () => stream.destroyed ? 0 : stream.writableLength + connectionBuffered(),
      end: () => void (canWrite() && stream.end()),
      destroy() {
        if (stream.destroyed) return
        stream.close(constants.NGHTTP2_CANCEL)
        stream.destroy()
      },
    }
  }

  return {
    caller, method, headers, answer, registered,
    path: queryAt < 0 ? target : target.slice(0, queryAt),
    query: new URLSearchParams(queryAt < 0 ? '' : target.slice(queryAt + 1)),
    signal: aborting.signal,
    body: (maxBytes) => {
      body ??= readBody(stream, Number(headers['content-length'] ?? 0), { maxBytes, withinMs: bodyMs, budget })
      return body
    },
    stream: begin,
    get isAnswered() { return isOver() },
    abort: (reason) => aborting.abort(new Error(reason)),
  }
}
