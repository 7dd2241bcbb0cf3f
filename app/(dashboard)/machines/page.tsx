import type { Metadata } from 'next'
import { MachineList } from '@/components/machines/machine-list.tsx'
import { pageCaller } from '../caller.ts'

export const metadata: Metadata = { title: 'Machines' }

export default async function MachinesPage() {
  const caller = await pageCaller()
  return <MachineList initial={await caller.machine.list()} />
}
