import type { IncomingHttpHeaders } from 'node:http2'

/** Who is at the other end of a Noise connection: its machine key is proven by the handshake, and nothing else is. */
export interface Caller {
  /** `mkey:…`, canonical. */
  readonly machineKey: string
  /** The capability version that its initiation named. */
  readonly capVersion: number
  /** Where it connected from, as a trusted proxy says it. */
  readonly ip: string
  /** Never used again within a process. */
  readonly connectionId: number
}

/** One HTTP/2 request of a client, and its answer. An exchange that was answered, or whose client went, takes no more. */
export interface Exchange {
  readonly caller: Caller
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** Aborted when the client cancels the request, its connection ends, or the server closes; and when the exchange is over. */
  readonly signal: AbortSignal
  /** Says that the caller's machine has a node: its connection no longer counts among strangers, who are few and have less. */
  readonly registered: () => void
  /** The whole body. Throws TowpathError `invalid` when it is larger than `maxBytes` (the answer is then 413). */
  readonly body: (maxBytes: number) => Promise<Uint8Array>
  /** The whole answer: a text as `text/plain`, anything else as JSON; absent: no body. */
  readonly answer: (status: number, body?: unknown, headers?: Readonly<Record<string, string>>) => void
  /** Begins an answer of 200 whose body is written bit by bit. */
  readonly stream: () => AnswerStream
}

/** The body of an answer that goes on. */
export interface AnswerStream {
  /** False: the client takes them slower than they are written; wait for `drained` before more. Nothing is lost. */
  readonly write: (bytes: Uint8Array) => boolean
  /** Resolves when more may be written, or when it ended. */
  readonly drained: () => Promise<void>
  /** Bytes written and not yet taken by the connection. */
  readonly bufferedBytes: () => number
  readonly end: () => void
  /** Cancels it at once: what is buffered is not sent. */
  readonly destroy: () => void
}

/**
 * What serves a path below the Noise connection. A TowpathError that it throws becomes a status with its text, another 500;
 * `details: { retryAfterSeconds }` of a TowpathError becomes the header. It may answer after it has returned.
 */
export type ExchangeHandler = (exchange: Exchange) => Promise<void> | void
