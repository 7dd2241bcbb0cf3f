'use client'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import type { MachineRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { useMe } from '../shell/me.tsx'
import { Button, ButtonLink } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Select } from '../ui/field.tsx'
import { FilterInput } from '../ui/filter.tsx'
import { PageTitle, Toolbar } from '../ui/page-title.tsx'
import { Panel } from '../ui/panel.tsx'
import { useSearchParam } from '../ui/search-params.ts'
import { Segmented } from '../ui/segmented.tsx'
import { MachineTable } from './machine-table.tsx'
import { MachinesEmpty } from './machines-empty.tsx'
import { groupFrom, inGroup, isOfKind, kindFrom, machineGroups, machineKinds, matches, type MachineGroup, type MachineKind } from './model/filter.ts'
import { machinesAnswer } from './model/state.ts'

const groupLabels: Readonly<Record<MachineGroup, string>> = {
  all: 'All', online: 'Online', offline: 'Offline', attention: 'Needs attention', relays: 'Relays',
}

const kindLabels: Readonly<Record<MachineKind, string>> = { any: 'Any kind', agent: 'Agents', client: 'Clients', simulated: 'Simulated peers' }

export function MachineList({ initial }: { readonly initial: MachineRow[] }) {
  const trpc = useTRPC()
  const { data: machines, error, refetch } = useQuery({ ...trpc.machine.list.queryOptions(), initialData: initial })
  const [filter, setFilter] = useSearchParam('q', '')
  const [show, setShow] = useSearchParam('show', 'all')
  const [kindText, setKind] = useSearchParam('kind', 'any')
  const group = groupFrom(show)
  const kind = kindFrom(kindText)
  const mayWrite = useMe().can('write')
  const answer = machinesAnswer(machines)
  const shown = machines.filter((machine) => isOfKind(machine, kind) && inGroup(machine, group) && matches(machine, filter))

  return (
    <>
      <PageTitle
        title="Machines"
        answer={machines.length === 0 ? <><b>No machine has joined yet.</b> One command on it is enough.</> : <><b>{answer.strong}</b> {answer.rest}</>}
        actions={mayWrite ? <ButtonLink href="/settings?tab=keys&new=1" variant="primary" icon={Plus}>Add machine</ButtonLink> : undefined}
      />
      {error && <div className="mb-3"><ErrorNote error={error} what="The machines could not be asked for again." retry={() => void refetch()} /></div>}
      {machines.length === 0 ? <MachinesEmpty /> : (
        <>
          <Toolbar>
            <FilterInput label="Filter by name, tag, owner, address" value={filter} onChange={setFilter} />
            <Select aria-label="Kind of machine" className="w-36" value={kind} onChange={(event) => setKind(event.target.value)}>
              {machineKinds.map((value) => <option key={value} value={value}>{kindLabels[value]}</option>)}
            </Select>
            <Segmented
              label="Which machines"
              value={group}
              onChange={setShow}
              options={machineGroups.map((value) => ({ value, label: groupLabels[value], count: machines.filter((machine) => isOfKind(machine, kind) && inGroup(machine, value)).length }))}
            />
          </Toolbar>
          <Panel>
            {shown.length > 0 ? <MachineTable machines={shown} total={machines.length} /> : (
              <EmptyState
                title="No machine matches."
                action={<Button onClick={() => { setFilter(''); setShow('all'); setKind('any') }}>Show all {machines.length}</Button>}
              >
                {filter === '' ? `None of the ${machines.length} is in this group.` : `None of the ${machines.length} has all of “${filter}” in its name, tags, owner, addresses, system or version.`}
              </EmptyState>
            )}
          </Panel>
        </>
      )}
    </>
  )
}
