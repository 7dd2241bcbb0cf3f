/** Stable codes; routers map each to its HTTP status once (server/trpc/errors.ts). */
export type ErrorCode =
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'invalid'
  /** Somebody else's change came first; nothing was written. */
  | 'conflict'
  | 'rate-limited'
  | 'unavailable'
  /** Nobody waits for the answer any more. */
  | 'abandoned'

export interface ErrorParts {
  readonly code: ErrorCode
  /** What happened and where, one sentence. */
  readonly text: string
  /** What to do about it, one sentence. */
  readonly fix: string
  /** The input's field, `a.b.0`, where one is to blame. */
  readonly path?: string
  /** For the page, such as a policy's problems; plain JSON. */
  readonly details?: unknown
}

/** An error that a person can act on. Anything else that is thrown is a bug. */
export class TowpathError extends Error {
  readonly code: ErrorCode
  readonly fix: string
  readonly path: string | undefined
  readonly details: unknown

  constructor({ code, text, fix, path, details }: ErrorParts) {
    super(text)
    this.name = 'TowpathError'
    this.code = code
    this.fix = fix
    this.path = path
    this.details = details
  }
}

/** A reason why the program cannot start: one line for the operator, and exit code 1. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
