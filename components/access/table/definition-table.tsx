'use client'
import { Eye, Pencil, Trash2 } from 'lucide-react'
import { useMemo } from 'react'
import { IconButton } from '../../ui/button.tsx'
import { Head, Table, Td, Th } from '../../ui/table.tsx'
import { Tags } from '../../ui/tag.tsx'
import { nouns, type DefinitionRow, type Named } from '../model/definitions.ts'
import { machineCounts, type Known, type SelectorOption } from '../model/selector-options.ts'

const valueLabels: Readonly<Record<Named, string>> = { groups: 'Members', tagOwners: 'Owners', hosts: 'Address' }

type Props = {
  readonly label: string
  readonly of: Named
  readonly rows: readonly DefinitionRow[]
  readonly known: Known
  readonly readOnly: boolean
  readonly onLine: (line: number) => void
  readonly onOpen: (row: DefinitionRow) => void
  readonly onRemove: (row: DefinitionRow) => void
}

export function DefinitionTable({ label, of, rows, known, readOnly, onLine, onOpen, onRemove }: Props) {
  const counts = useMemo(() => {
    const options = rows.map(({ name }): SelectorOption => ({ value: name, kind: 'tags', detail: '', search: '' }))
    return machineCounts(known, options)
  }, [known, rows])
  return (
    <Table label={label} cards>
      <Head><Th num className="w-14">Line</Th><Th>Name</Th><Th className="w-1/2">{valueLabels[of]}</Th><Th num>Machines</Th><Th hidden>Actions</Th></Head>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name} className="card:[&>td]:py-2.5! card:[&>td]:align-top">
            <Td num card="action" className="max-card:row-start-1 max-card:self-start">
              <button type="button" className="link min-h-6 min-w-6 text-right" onClick={() => onLine(row.line)} aria-label={`Go to line ${row.line}`}>
                <span className="card:hidden" aria-hidden="true">line </span>{row.line}
              </button>
            </Td>
            <Td card="title" className="max-card:row-start-1 max-card:text-13!">
              <span className="font-mono text-12 wrap-anywhere">{row.name}</span>
              {row.comment !== '' && <span className="mt-1 line-clamp-3 text-12 text-muted-foreground">{row.comment}</span>}
            </Td>
            <Td card="wide">{row.values.length === 0 ? <span className="text-12 text-muted-foreground">nobody yet</span> : <Tags tags={row.values} />}</Td>
            <Td num label="Machines">{counts.get(row.name) ?? 0}</Td>
            <Td card="action" className="whitespace-nowrap card:text-right">
              <IconButton size="small" icon={readOnly ? Eye : Pencil} label={`${readOnly ? 'Show' : 'Edit'} ${nouns[of]} ${row.name}`} onClick={() => onOpen(row)} />
              {!readOnly && <IconButton size="small" icon={Trash2} label={`Remove ${nouns[of]} ${row.name}`} onClick={() => onRemove(row)} />}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  )
}
