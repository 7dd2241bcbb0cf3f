'use client'
import { X } from 'lucide-react'
import { Icon } from '../../ui/icon.tsx'

/** What was chosen, each with a button that takes it away. */
export function Chips({ label, values, noteOf, meantBy, onReplace, onRemove, readOnly }: {
  readonly label: string
  readonly values: readonly string[]
  /** In words, beside what is written. */
  readonly noteOf?: (value: string) => string | undefined
  /** What was meant by an unknown name, as it is to be written and as it is called. */
  readonly meantBy?: (value: string) => { readonly value: string; readonly name: string } | undefined
  readonly onReplace?: (value: string, by: string) => void
  readonly onRemove: (value: string) => void
  readonly readOnly: boolean
}) {
  if (values.length === 0) return null
  return (
    <ul aria-label={label} className="m-0 mb-1.5 flex list-none flex-wrap gap-1.5 p-0">
      {values.map((value) => {
        const note = noteOf?.(value)
        const meant = readOnly ? undefined : meantBy?.(value)
        return (
          <li key={value} className="inline-flex min-h-6 max-w-full items-center rounded-tag border bg-background pl-1.5 text-12">
            <span className="min-w-0 py-0.5 font-mono tracking-[-0.01em] wrap-anywhere">{value}</span>
            {note !== undefined && note !== '' && <span className="ml-1.5 text-muted-foreground">{note}</span>}
            {meant !== undefined && <button type="button" className="link ml-1.5 min-h-6" onClick={() => onReplace?.(value, meant.value)}>Did you mean {meant.name}?</button>}
            {readOnly ? <span className="w-1.5" /> : (
              <button type="button" aria-label={`Take ${value} away`} className="grid size-6 shrink-0 place-items-center text-muted-foreground hover:text-foreground" onClick={() => onRemove(value)}>
                <Icon icon={X} small />
              </button>
            )}
          </li>
        )
      })}
    </ul>
  )
}
