import type { Metadata } from 'next'
import { OverviewPage } from '@/components/overview/overview-page.tsx'
import { pageCaller } from './caller.ts'

export const metadata: Metadata = { title: 'Overview' }

interface Props { readonly searchParams: Promise<{ readonly range?: string | string[] }> }

export default async function Page({ searchParams }: Props) {
  const { range: asked } = await searchParams
  const range = asked === '15m' || asked === '24h' ? asked : '1h'
  const caller = await pageCaller()
  const [overview, throughput, pairs, relays] = await Promise.all([caller.overview.get(), caller.overview.throughput({ range }), caller.session.derpPairs(), caller.relay.list()])
  return <OverviewPage initial={overview} throughput={throughput} pairs={pairs} relays={relays} />
}
