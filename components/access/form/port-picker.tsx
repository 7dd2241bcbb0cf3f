'use client'
import { Plus } from 'lucide-react'
import { parseIpEntry } from '@/policy/ports.ts'
import { Button } from '../../ui/button.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { Chips } from './chips.tsx'

const presets = [
  { label: 'Any port', value: '*' }, { label: 'HTTPS', value: 'tcp:443' }, { label: 'SSH', value: 'tcp:22' },
  { label: 'HTTP', value: 'tcp:80' }, { label: 'DNS', value: '53' }, { label: 'PostgreSQL', value: 'tcp:5432' }, { label: 'Remote desktop', value: 'tcp:3389' },
] as const

const names: ReadonlyMap<string, string> = new Map(presets.map(({ label, value }) => [value, label]))

/** Ports that a grant lets reach, with usual ones to press. */
export function PortPicker({ values, typed, onChange, onTyped, error, readOnly }: {
  readonly values: readonly string[]
  /** What is in the field, and no port yet. */
  readonly typed: string
  readonly onChange: (values: string[]) => void
  readonly onTyped: (typed: string) => void
  readonly error?: string | undefined
  readonly readOnly: boolean
}) {
  const text = typed.trim()

  function add(value: string): void {
    if (!parseIpEntry(value).ok) return
    if (!values.includes(value)) onChange([...values, value])
    onTyped('')
  }

  return (
    <div className="grid gap-2">
      <Field label="Ports to reach" hint="443, 8000-8100, tcp:22 or icmp:*; without a protocol TCP, UDP and ICMP count. None: it lets nobody reach anything." {...(error === undefined ? {} : { error })}>
        <Chips label="Ports to reach: chosen" values={values} noteOf={(value) => names.get(value)} onRemove={(value) => onChange(values.filter((one) => one !== value))} readOnly={readOnly} />
        {!readOnly && (
          <Input
            mono
            autoComplete="off"
            spellCheck={false}
            placeholder="tcp:443"
            value={typed}
            onChange={(event) => onTyped(event.target.value)}
            onBlur={() => { if (text !== '') add(text) }}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return
              event.preventDefault()
              if (text !== '') add(text)
            }}
          />
        )}
      </Field>
      {!readOnly && (
        <div className="flex flex-wrap gap-1.5">
          {presets.filter(({ value }) => !values.includes(value)).map(({ label, value }) => (
            <Button key={value} size="small" icon={Plus} onClick={() => add(value)}>{label} <span className="font-mono text-muted-foreground">{value === '*' ? '' : value}</span></Button>
          ))}
        </div>
      )}
    </div>
  )
}
