'use client'
import { Fragment } from 'react'
import type { SessionRow } from '../../server/trpc/types.ts'
import { PathButton } from '../path/path-button.tsx'
import { Bytes, Rate, RelativeTime } from '../ui/figures.tsx'
import { formatCount } from '../ui/format.ts'
import { Head, Table, Td, Th } from '../ui/table.tsx'
import { Ends } from './ends.tsx'
import { totals } from './sessions-model.ts'
import { TooBigRow } from './too-big-row.tsx'

/** Running sessions: the row is the path. */
export function LiveSessions({ rows, total, onRelay = false, label }: { readonly rows: readonly SessionRow[]; readonly total?: number; readonly onRelay?: boolean; readonly label: string }) {
  const sum = totals(rows)
  return (
    <Table label={label} cards compact>
      <Head>
        <Th>A</Th>
        <Th className={onRelay ? 'w-[14%] !px-0 !text-center' : 'w-[24%] !px-0 !text-center'}>{onRelay ? 'Endpoint' : 'Relay'}</Th>
        <Th>B</Th>
        <Th num>Since</Th>
        <Th num>A to B</Th>
        <Th num>B to A</Th>
        <Th num>Bytes</Th>
        {!onRelay && <Th num className="max-fig:hidden">Last seen</Th>}
        <Th className="w-10"><span className="sr-only">Path</span></Th>
      </Head>
      <tbody>
        {rows.map((row) => (
          <Fragment key={row.id}>
            <tr>
              <Ends row={row} onRelay={onRelay} bits={(row.rateFromA ?? 0) + (row.rateFromB ?? 0)} />
              <Td num card="none"><RelativeTime at={row.openedAt} style="clock" /></Td>
              <Td num label="A to B"><Rate bits={row.rateFromA} /></Td>
              <Td num label="B to A"><Rate bits={row.rateFromB} /></Td>
              <Td num label="Bytes"><Bytes bytes={row.bytesFromA + row.bytesFromB} /></Td>
              {!onRelay && <Td num card="none" className="max-fig:hidden"><RelativeTime at={row.lastSeen} /></Td>}
              <Td card="action" className="!px-0 text-center"><PathButton a={row.a} b={row.b} /></Td>
            </tr>
            <TooBigRow row={row} columns={onRelay ? 8 : 9} />
          </Fragment>
        ))}
      </tbody>
      {total !== undefined && (
        <tfoot>
          <tr>
            <td colSpan={3}><b>{rows.length} of {formatCount(total)}</b> shown</td>
            <Td />
            <Td num label="A to B"><Rate bits={sum.fromA} /></Td>
            <Td num label="B to A"><Rate bits={sum.fromB} /></Td>
            <Td num label="Bytes"><Bytes bytes={sum.bytes} /></Td>
            {!onRelay && <Td className="max-fig:hidden" />}
            <Td />
          </tr>
        </tfoot>
      )}
    </Table>
  )
}
