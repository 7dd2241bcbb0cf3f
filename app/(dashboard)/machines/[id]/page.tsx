import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { MachinePage } from '@/components/machines/machine-page.tsx'
import { orNotFound, pageCaller } from '../../caller.ts'

export const metadata: Metadata = { title: 'Machine' }

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const id = Number((await params).id)
  if (!Number.isSafeInteger(id) || id <= 0) notFound()
  const caller = await pageCaller()
  return <MachinePage initial={await orNotFound(caller.machine.get({ id }))} />
}
