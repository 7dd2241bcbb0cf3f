import { databaseAway } from '../../errors/database-away.ts'
import { TowpathError, type ErrorCode } from '../../errors/index.ts'

const statuses: Readonly<Record<ErrorCode, number>> = {
  unauthenticated: 401, forbidden: 403, 'not-found': 404, invalid: 400, conflict: 409, 'rate-limited': 429, unavailable: 503, abandoned: 499,
}

/** A request's body is larger than its reader takes. */
export class BodyTooLarge extends TowpathError {
  constructor(maxBytes: number) {
    super({ code: 'invalid', text: `The request's body is larger than ${maxBytes} bytes`, fix: 'Send less at once' })
  }
}

export interface ErrorAnswer {
  readonly status: number
  readonly text: string
  readonly headers: Readonly<Record<string, string>>
  /** Not foreseen: for the log. */
  readonly isBug: boolean
}

/** `details: { retryAfterSeconds }` of an error becomes the header that clients wait by. */
function retryAfter(details: unknown): Readonly<Record<string, string>> {
  if (typeof details !== 'object' || details === null || !('retryAfterSeconds' in details)) return {}
  const seconds = details.retryAfterSeconds
  return typeof seconds === 'number' && seconds >= 0 ? { 'retry-after': String(Math.ceil(seconds)) } : {}
}

/** What a client is told of an error; it writes the first 200 characters to its log. */
export function errorAnswer(error: unknown): ErrorAnswer {
  const known = databaseAway(error) ?? error
  if (!(known instanceof TowpathError)) return { status: 500, text: 'internal error', headers: {}, isBug: true }
  const status = known instanceof BodyTooLarge ? 413 : statuses[known.code]
  return { status, text: `${known.message}. ${known.fix}`, headers: retryAfter(known.details), isBug: false }
}
