import Link from 'next/link'
import type { SessionRow } from '../../server/trpc/types.ts'
import { formatCount } from '../ui/format.ts'
import { Td } from '../ui/table.tsx'
import { PathLine } from './path.tsx'

export function MachineName({ machine }: { readonly machine: { readonly id: number; readonly name: string } }) {
  return <Link href={`/machines/${machine.id}`} className="font-medium hover:underline card:whitespace-nowrap">{machine.name}</Link>
}

/** A, what carries it, B. On a relay's own page the endpoint stands on the line. */
export function Ends({ row, onRelay, bits }: { readonly row: SessionRow; readonly onRelay: boolean; readonly bits: number }) {
  const words = onRelay ? `VNI ${formatCount(row.vni)}` : <Link href={`/relays/${row.relayId}`} title={`VNI ${formatCount(row.vni)}`} className="hover:underline">{row.relayName}</Link>
  return (
    <>
      <Td className="max-card:col-span-2 max-card:row-start-1"><MachineName machine={row.a} /></Td>
      <Td card="wide" className="max-card:row-start-2 !px-0"><PathLine kind={row.endedAt ? 'ended' : 'relay'} bits={bits}>{words}</PathLine></Td>
      <Td className="max-card:col-start-3 max-card:row-start-1 max-card:!text-right"><MachineName machine={row.b} /></Td>
    </>
  )
}
