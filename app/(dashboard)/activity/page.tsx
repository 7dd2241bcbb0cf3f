import type { Metadata } from 'next'
import { ActivityPage } from '@/components/activity/activity-page.tsx'
import { pageCaller } from '../caller.ts'

export const metadata: Metadata = { title: 'Activity' }

export default async function Page({ searchParams }: { readonly searchParams: Promise<{ readonly q?: string | string[] }> }) {
  const { q } = await searchParams
  const text = typeof q === 'string' ? q.trim().slice(0, 100) : ''
  const caller = await pageCaller()
  return <ActivityPage initial={await caller.activity.list({ limit: 50, ...(text === '' ? {} : { text }) })} initialText={text} />
}
