import { TRPCError } from '@trpc/server'
import { z } from 'zod'
import { databaseAway } from '../errors/database-away.ts'
import { TowpathError, type ErrorCode } from '../errors/index.ts'
import { expectedOf } from './expected.ts'

/** What the pages and the API get beside an error's message. */
export interface ErrorData {
  /** What to do about it; empty: nothing is known. */
  readonly fix: string
  /** The input's field that is to blame, `a.b.0`. */
  readonly path?: string
  /** Ours, such as `conflict`. */
  readonly reason: ErrorCode | 'internal'
  readonly details?: unknown
  /** Each field that is wrong. */
  readonly issues?: readonly FieldIssue[]
}
export interface FieldIssue { readonly path: string; readonly expected: string }

type TrpcCode = TRPCError['code']

const codes: Readonly<Record<ErrorCode, TrpcCode>> = {
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  'not-found': 'NOT_FOUND',
  invalid: 'BAD_REQUEST',
  conflict: 'CONFLICT',
  'rate-limited': 'TOO_MANY_REQUESTS',
  unavailable: 'SERVICE_UNAVAILABLE',
  abandoned: 'CLIENT_CLOSED_REQUEST',
}

const reasons: Readonly<Partial<Record<TrpcCode, ErrorCode>>> = {
  UNAUTHORIZED: 'unauthenticated', FORBIDDEN: 'forbidden', NOT_FOUND: 'not-found', BAD_REQUEST: 'invalid', PARSE_ERROR: 'invalid',
  CONFLICT: 'conflict', PRECONDITION_FAILED: 'conflict', TOO_MANY_REQUESTS: 'rate-limited', SERVICE_UNAVAILABLE: 'unavailable',
}

/** A verb's error as the router's; one that is already the router's stays. Anything else is a bug, and its text is for the log alone. */
export function toTrpcError(error: unknown): TRPCError {
  const thrown = error instanceof TRPCError && error.code === 'INTERNAL_SERVER_ERROR' ? error.cause : error
  const cause = databaseAway(thrown) ?? thrown
  if (cause instanceof TRPCError) return cause
  if (cause instanceof TowpathError) return new TRPCError({ code: codes[cause.code], message: cause.message, cause })
  if (cause instanceof z.ZodError) return new TRPCError({ code: 'BAD_REQUEST', message: cause.message, cause })
  return new TRPCError({ code: 'INTERNAL_SERVER_ERROR', message: cause instanceof Error ? cause.message : String(cause), cause })
}

/** The fields that are wrong, as paths with what is expected of each. */
export function fieldIssues(error: z.core.$ZodError): FieldIssue[] {
  return error.issues.map((issue) => ({ path: issue.path.map(String).join('.'), expected: expectedOf(issue) }))
}

/** The message and data of an error as it leaves the server. */
export function describeError(error: TRPCError): { readonly message: string; readonly data: ErrorData } {
  const { cause } = error
  if (cause instanceof TowpathError) {
    return {
      message: cause.message,
      data: {
        fix: cause.fix, reason: cause.code,
        ...(cause.path === undefined ? {} : { path: cause.path }), ...(cause.details === undefined ? {} : { details: cause.details }),
      },
    }
  }
  if (cause instanceof z.ZodError) {
    const issues = fieldIssues(cause)
    const [first] = issues
    if (first) {
      return {
        message: first.path === '' ? first.expected : `${first.path}: ${first.expected}`,
        data: { fix: 'Correct the field and try again', reason: 'invalid', path: first.path, issues },
      }
    }
  }
  if (error.code === 'INTERNAL_SERVER_ERROR') {
    return { message: 'This failed in the control plane', data: { fix: 'Try again; the control plane’s log says why', reason: 'internal' } }
  }
  return { message: error.message, data: { fix: '', reason: reasons[error.code] ?? 'internal' } }
}
