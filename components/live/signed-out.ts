import { TRPCClientError } from '@trpc/client'

/** Whether the control plane answered that nobody is signed in; silence is no such answer. */
export function isSignedOut(error: unknown): boolean {
  if (!(error instanceof TRPCClientError)) return false
  const data: unknown = error.data
  return typeof data === 'object' && data !== null && 'code' in data && data.code === 'UNAUTHORIZED'
}
