'use client'
import { Fragment } from 'react'
import type { SessionRow } from '../../server/trpc/types.ts'
import { Bytes, RelativeTime } from '../ui/figures.tsx'
import { Head, Table, Td, Th } from '../ui/table.tsx'
import { Ends } from './ends.tsx'
import { TooBigRow } from './too-big-row.tsx'

/** Ended ones, with the reason. */
export function EndedSessions({ rows, label }: { readonly rows: readonly SessionRow[]; readonly label: string }) {
  return (
    <Table label={label} cards compact>
      <Head><Th>A</Th><Th className="w-[22%] !px-0 !text-center">Relay</Th><Th>B</Th><Th num>Began</Th><Th num>Ended</Th><Th>Reason</Th><Th num>Bytes</Th></Head>
      <tbody>
        {rows.map((row) => (
          <Fragment key={row.id}>
            <tr>
              <Ends row={row} onRelay={false} bits={0} />
              <Td num label="Began"><RelativeTime at={row.openedAt} style="clock" /></Td>
              <Td num label="Ended"><RelativeTime at={row.endedAt} style="clock" /></Td>
              <Td card="wide" label="Reason" className="max-card:order-last">{row.reason ?? 'not known'}</Td>
              <Td num label="Bytes"><Bytes bytes={row.bytesFromA + row.bytesFromB} /></Td>
            </tr>
            <TooBigRow row={row} columns={7} />
          </Fragment>
        ))}
      </tbody>
    </Table>
  )
}
