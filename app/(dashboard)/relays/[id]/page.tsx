import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { RelayPage } from '@/components/relays/relay-page.tsx'
import { orNotFound, pageCaller } from '../../caller.ts'

export const metadata: Metadata = { title: 'Relay' }

interface Props {
  readonly params: Promise<{ readonly id: string }>
  readonly searchParams: Promise<{ readonly range?: string | string[] }>
}

export default async function Page({ params, searchParams }: Props) {
  const id = Number((await params).id)
  if (!Number.isSafeInteger(id) || id <= 0) notFound()
  const asked = (await searchParams).range
  const range = asked === '1h' || asked === '24h' ? asked : '15m'
  const caller = await pageCaller()
  const [relay, throughput] = await orNotFound(Promise.all([caller.relay.get({ id }), caller.relay.throughput({ id, range })]))
  return <RelayPage key={id} initial={relay} throughput={throughput} />
}
