import { headers } from 'next/headers'
import { notFound, redirect } from 'next/navigation'
import { cache } from 'react'
import { signInPath } from '@/components/door/model/redirect.ts'
import { callerFor } from '@/server/trpc/caller.ts'

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

/** Set by the server over whatever the client sent: the path and query of the request. */
const pathHeader = 'x-towpath-path'

/** Who asks for this page, once a request; nobody goes to the door. */
export const pageMe = cache(async () => {
  const asked = await headers()
  const caller = await callerFor(asked)
  try {
    return { caller, me: await caller.me.get() }
  } catch (error) {
    if (codeOf(error) === 'UNAUTHORIZED') redirect(signInPath(asked.get(pathHeader)))
    throw error
  }
})

/** The router as this page's person may call it; nobody signed in goes to the door. */
export async function pageCaller() {
  return (await pageMe()).caller
}

/** Awaits one thing by its id; what is not there is the page that says so. */
export async function orNotFound<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked
  } catch (error) {
    if (codeOf(error) === 'NOT_FOUND') notFound()
    throw error
  }
}
