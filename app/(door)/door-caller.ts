import { headers } from 'next/headers'
import { callerFor } from '@/server/trpc/caller.ts'

/** The API as one without an account sees it, and what the page says of where it is served from. */
export async function doorCaller() {
  const sent = await headers()
  const caller = await callerFor(sent)
  const state = await caller.door.state()
  const host = sent.get('host') ?? 'unknown'
  const facts: (readonly [label: string, value: string])[] = [['Control plane', host], ['Network', state.networkName]]
  return { caller, state, facts }
}
