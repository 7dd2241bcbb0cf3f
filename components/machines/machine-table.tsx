'use client'
import Link from 'next/link'
import type { MachineRow } from '../../server/trpc/types.ts'
import { CopyButton } from '../ui/copy.tsx'
import { None } from '../ui/figures.tsx'
import { plural } from '../ui/format.ts'
import { Head, Table, Td, Th, TwoLines } from '../ui/table.tsx'
import { Tags } from '../ui/tag.tsx'
import { ApproveButton } from './approve-button.tsx'
import { MachineStateMark } from './machine-state.tsx'
import { offerWords } from './model/routes.ts'

const kinds: Readonly<Record<MachineRow['kind'], string>> = { agent: 'agent', client: 'client', simulated: 'simulated peer' }

export function kindWords(machine: Pick<MachineRow, 'kind' | 'isRelay' | 'ephemeral'>): string {
  const kind = machine.isRelay ? 'relay' : kinds[machine.kind]
  return machine.ephemeral && machine.kind !== 'simulated' ? `${kind}, ephemeral` : kind
}

export function MachineTable({ machines, total }: { readonly machines: readonly MachineRow[]; readonly total: number }) {
  return (
    <Table label="Machines" cards>
      <Head>
        <Th>Name</Th>
        <Th>State</Th>
        <Th>Owner or tags</Th>
        <Th>Addresses</Th>
        <Th className="card:max-wide:hidden">System</Th>
        <Th className="card:max-wide:hidden">Home DERP</Th>
        <Th hidden>Actions</Th>
      </Head>
      <tbody>
        {machines.map((machine) => <MachineRowView key={machine.id} machine={machine} />)}
      </tbody>
      <tfoot>
        <tr>
          <td colSpan={7}>
            <b>{machines.length === total ? plural(total, 'machine') : `${machines.length} of ${plural(total, 'machine')}`}</b>
            {`, ${machines.filter(({ online }) => online).length} online`}
          </td>
        </tr>
      </tfoot>
    </Table>
  )
}

function MachineRowView({ machine }: { readonly machine: MachineRow }) {
  const hostname = machine.hostname !== '' && machine.hostname !== machine.name ? machine.hostname : null
  return (
    <tr>
      <Td card="title" title={machine.stableId}>
        <TwoLines
          first={<Link href={`/machines/${machine.id}`} title={machine.name} className="font-medium hover:underline card:whitespace-nowrap card:max-wide:inline-block card:max-wide:max-w-[240px] card:max-wide:truncate card:max-wide:align-bottom">{machine.name}</Link>}
          second={[hostname === null ? kindWords(machine) : `${kindWords(machine)} on ${hostname}`, offerWords(machine)].filter((words) => words !== '').join(', ')}
        />
      </Td>
      <Td card="wide"><MachineStateMark machine={machine} /></Td>
      <Td card="wide">
        {machine.tags.length > 0 ? <Tags tags={machine.tags} /> : machine.owner ?? <span className="text-muted-foreground">nobody</span>}
      </Td>
      <Td card="wide">
        <ul className="m-0 list-none p-0 font-mono text-12 tracking-[-.015em]">
          {machine.addresses.map((address, at) => (
            <li key={address} className="flex items-center gap-1 leading-[18px] whitespace-nowrap">
              <span className="max-card:min-w-0 max-card:truncate">{address}</span>
              {at === 0 && <CopyButton text={address} what={`the address of ${machine.name}`} />}
            </li>
          ))}
        </ul>
      </Td>
      <Td label="System" className="card:max-wide:hidden">
        {machine.os === '' && machine.version === '' ? <None /> : <TwoLines first={machine.os || <None />} second={machine.version} />}
      </Td>
      <Td label="Home DERP" className="card:max-wide:hidden">{machine.homeDerp ?? <None />}</Td>
      <Td card={machine.authorized ? 'none' : 'action'} num>
        {!machine.authorized && <ApproveButton machine={machine} size="small" />}
      </Td>
    </tr>
  )
}
