import type { Metadata } from 'next'
import { RelaysPage } from '@/components/relays/relays-page.tsx'
import { pageCaller } from '../caller.ts'

export const metadata: Metadata = { title: 'Relays' }

export default async function Page() {
  const caller = await pageCaller()
  return <RelaysPage initial={await caller.relay.list()} />
}
