import { ServerResponse, type IncomingMessage } from 'node:http'
import type { TRPCError } from '@trpc/server'
import { getHTTPStatusCodeFromError } from '@trpc/server/http'
import { describeError } from '../trpc/errors.ts'
import type { ApiError } from './document.ts'

/** Takes what the adapter would send, so that its errors can be said in the API's words. */
export class CapturedResponse extends ServerResponse {
  text = ''

  constructor(request: IncomingMessage) {
    super(request)
  }

  override end(chunk?: unknown): this {
    if (typeof chunk === 'string') this.text = chunk
    return this
  }
}

export function apiError(code: string, message: string, fix: string): ApiError {
  return { error: { code, message, fix } }
}

/** A failure as status and body. */
export function failure(error: TRPCError): { readonly status: number; readonly body: ApiError } {
  const { message, data } = describeError(error)
  const { reason, fix, path, issues, details } = data
  return {
    status: getHTTPStatusCodeFromError(error),
    body: {
      error: {
        code: reason, message, fix,
        ...(path === undefined ? {} : { path }), ...(issues === undefined ? {} : { issues: [...issues] }), ...(details === undefined ? {} : { details }),
      },
    },
  }
}
