'use client'
import { Plus, X } from 'lucide-react'
import { Button, IconButton } from '../../ui/button.tsx'
import { Field, Input } from '../../ui/field.tsx'

type Cell = { readonly name: string; readonly label: string; readonly placeholder: string; readonly value: string; readonly error: string | undefined }
type Props = {
  readonly rows: readonly { readonly key: number; readonly cells: readonly [Cell, Cell] }[]
  readonly add: string
  readonly disabled: boolean
  /** What a row is called for whom the cross is read out. */
  readonly what: (first: string) => string
  readonly empty: string
  readonly onAdd: () => void
  readonly onRemove: (key: number) => void
  readonly onChange: (key: number, name: string, value: string) => void
}

/** A list of pairs: a row each, and a button for one more. */
export function PairRows({ rows, add, disabled, what, empty, onAdd, onRemove, onChange }: Props) {
  return (
    <div className="grid gap-3">
      {rows.length === 0 ? <p className="text-13 text-muted-foreground">{empty}</p> : rows.map(({ key, cells }) => (
        <div key={key} className="flex items-start gap-2">
          <div className="grid min-w-0 flex-1 gap-2 map:grid-cols-2">
            {cells.map(({ name, label, placeholder, value, error }) => (
              <Field key={name} label={label} {...(error === undefined ? {} : { error })}>
                <Input mono value={value} placeholder={placeholder} disabled={disabled} autoComplete="off" spellCheck={false} onChange={(event) => onChange(key, name, event.target.value)} />
              </Field>
            ))}
          </div>
          <IconButton icon={X} label={what(cells[0].value)} disabled={disabled} className="mt-[25px]" onClick={() => onRemove(key)} />
        </div>
      ))}
      <div><Button size="small" icon={Plus} disabled={disabled} onClick={onAdd}>{add}</Button></div>
    </div>
  )
}
