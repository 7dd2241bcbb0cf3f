import type { Metadata } from 'next'
import { SessionsPage } from '@/components/sessions/sessions-page.tsx'
import { pageCaller } from '../caller.ts'

export const metadata: Metadata = { title: 'Sessions' }

interface Props { readonly searchParams: Promise<{ readonly q?: string | string[] }> }

export default async function Page({ searchParams }: Props) {
  const { q } = await searchParams
  const text = typeof q === 'string' ? q.trim().slice(0, 100) : ''
  const caller = await pageCaller()
  const [page, pairs] = await Promise.all([caller.session.list({ state: 'live', limit: 50, ...(text ? { text } : {}) }), caller.session.derpPairs()])
  return <SessionsPage initial={{ text, page, pairs }} />
}
