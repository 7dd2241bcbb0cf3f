'use client'
import { memo } from 'react'
import { Head, Table, Th } from '../../ui/table.tsx'
import { RowPieces } from '../../ui/row-pieces.tsx'
import type { EditorProblem } from '../model/check.ts'
import type { GrantCount } from '../model/counts.ts'
import type { GrantView } from '../model/grants.ts'
import type { RowChanges } from '../model/row-changes.ts'
import { GrantRow, RemovedRow, type RowAction } from './grant-row.tsx'

type Props = {
  readonly rows: readonly GrantView[]
  readonly counts: ReadonlyMap<number, GrantCount>
  readonly selected: number | undefined
  readonly changed: ReadonlySet<number>
  readonly changes: RowChanges
  readonly problems: readonly EditorProblem[]
  readonly nameOf: (address: string) => string | undefined
  readonly readOnly: boolean
  readonly onAction: (action: RowAction, grant: GrantView) => void
}

/** The height of a row of two lines. */
const rowHeight = 62

/** It may be long: it is drawn again only when something in it is another. */
export const GrantTable = memo(function GrantTable({ rows, counts, selected, changed, changes, problems, nameOf, readOnly, onAction }: Props) {
  const last = { grants: lastOf(rows, 'grants'), acls: lastOf(rows, 'acls') }
  return (
    <Table label="Grants" cards className="card:table-fixed">
      <Head><Th num className="w-14">Line</Th><Th>Who</Th><Th className="w-[24%]">May use</Th><Th className="w-[21%]">How</Th><Th num className="w-26">Machines</Th></Head>
      <RowPieces rows={rows} columns={5} estimate={rowHeight}>
        {(grant) => (
          <GrantRow
            key={`${grant.list} ${grant.at}`}
            grant={grant}
            count={counts.get(grant.index)}
            selected={grant.index === selected}
            touched={touches(changed, grant) || changes.of.has(grant.index)}
            change={changes.of.get(grant.index)}
            problems={problems.filter(({ line }) => line >= grant.line && line <= grant.endLine)}
            nameOf={nameOf}
            readOnly={readOnly}
            isLast={grant.at === last[grant.list]}
            onAction={onAction}
          />
        )}
      </RowPieces>
      {changes.removed.length > 0 && <tbody className="border-t">{changes.removed.map((grant) => <RemovedRow key={`${grant.list} ${grant.at}`} grant={grant} />)}</tbody>}
    </Table>
  )
})

function touches(changed: ReadonlySet<number>, grant: GrantView): boolean {
  for (let line = grant.line - grant.commentLines; line <= grant.endLine; line++) if (changed.has(line)) return true
  return false
}

function lastOf(rows: readonly GrantView[], list: GrantView['list']): number | undefined {
  return rows.findLast((row) => row.list === list)?.at
}
