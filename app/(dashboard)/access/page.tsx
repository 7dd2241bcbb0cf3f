import type { Metadata } from 'next'
import { AccessPage } from '@/components/access/access-page.tsx'
import { pageCaller } from '../caller.ts'

export const metadata: Metadata = { title: 'Access' }

export default async function Page() {
  const caller = await pageCaller()
  const [policy, machines, people, versions] = await Promise.all([caller.policy.get(), caller.machine.list(), caller.person.list(), caller.policy.versions({})])
  return <AccessPage initial={policy} initialMachines={machines} initialPeople={people} initialVersions={versions} />
}
