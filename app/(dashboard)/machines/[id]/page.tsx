import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { MachinePage } from '@/components/machines/machine-page.tsx'
import { pageCaller } from '../../caller.ts'

export const metadata: Metadata = { title: 'Machine' }

export default async function Page({ params }: { readonly params: Promise<{ readonly id: string }> }) {
  const id = Number((await params).id)
  if (!Number.isSafeInteger(id) || id <= 0) notFound()
  const caller = await pageCaller()
  const machine = (await caller.machine.list()).some((row) => row.id === id) ? await caller.machine.get({ id }) : undefined
  if (machine === undefined) notFound()
  return <MachinePage initial={machine} />
}
