'use client'
import { useMemo, useState } from 'react'
import { Field, Input, Textarea } from '../../ui/field.tsx'
import { fullName, nouns, prefixes, tryDefinition, type DefinitionForm, type DefinitionRow, type Named } from '../model/definitions.ts'
import { fieldProblems } from '../model/field-problem.ts'
import { machineCounts, selectorOptions, type Known } from '../model/selector-options.ts'
import { FormDialog } from './form-dialog.tsx'
import { SelectorPicker } from './selector-picker.tsx'

type Props = {
  readonly text: string
  readonly of: Named
  /** Absent: a new one. */
  readonly row: DefinitionRow | undefined
  readonly known: Known
  readonly readOnly: boolean
  readonly onDone: (text: string) => void
  readonly onClose: () => void
}

const valueLabels: Readonly<Record<Named, string>> = { groups: 'Members', tagOwners: 'Owners', hosts: 'Address' }

/** A group with its members, a tag with its owners, a host with its address. It changes the draft's text and saves nothing. */
export function DefinitionDialog({ text, of, row, known, readOnly, onDone, onClose }: Props) {
  const [begun] = useState<DefinitionForm>(row ?? { name: '', values: [], comment: '' })
  const [form, setForm] = useState(begun)
  const [asked, setAsked] = useState(false)
  const result = useMemo(() => tryDefinition(text, of, form, row?.name), [text, of, form, row])
  const options = useMemo(() => selectorOptions(known, of === 'groups' ? 'member' : 'owner').filter(({ value }) => value !== row?.name), [known, of, row])
  const counts = useMemo(() => machineCounts(known, options), [known, options])
  const wearers = of === 'tagOwners' && row !== undefined ? known.machines.filter(({ tags }) => tags.includes(row.name)).length : 0
  const noun = nouns[of]
  const problem = (field: 'name' | 'value'): { error?: string } => {
    const error = result.problems[field]
    const isOpen = field === 'name' ? form.name === '' : form.values.length === 0
    return error === undefined || (isOpen && !asked) ? {} : { error }
  }

  function done(): boolean {
    setAsked(true)
    if (result.text === undefined) return false
    onDone(result.text)
    return true
  }

  const values = { values: form.values, onChange: (next: string[]) => setForm({ ...form, values: next }), options, counts, policy: known.policy, readOnly, ...problem('value') }
  return (
    <FormDialog
      wide
      title={row === undefined ? `New ${noun}` : row.name}
      verb={row === undefined ? `Add ${noun}` : `Change ${noun}`}
      readOnly={readOnly}
      changed={form !== begun}
      problems={fieldProblems([['Name', problem('name').error], [valueLabels[of], problem('value').error]])}
      onDone={done}
      onClose={onClose}
    >
      <div className="grid gap-4">
        <Field label="Name" hint={nameHint(of, row, form.name, wearers)} {...problem('name')}>
          <Input
            mono
            autoComplete="off"
            spellCheck={false}
            placeholder={`${prefixes[of]}name`}
            value={form.name}
            readOnly={readOnly || wearers > 0}
            onChange={(event) => setForm({ ...form, name: event.target.value })}
          />
        </Field>
        {of === 'groups' && <SelectorPicker label={valueLabels[of]} hint="People by e-mail, or all of a domain as user:*@example.com." {...values} />}
        {of === 'tagOwners' && <SelectorPicker label={valueLabels[of]} hint="Who may give the tag. The owner and admins always may." {...values} />}
        {of === 'hosts' && (
          <Field label={valueLabels[of]} hint="One address, or a network such as 10.0.0.0/8." {...problem('value')}>
            <Input mono autoComplete="off" spellCheck={false} value={form.values[0] ?? ''} readOnly={readOnly} onChange={(event) => setForm({ ...form, values: [event.target.value.trim()] })} />
          </Field>
        )}
        <Field label="Comment" hint="Stands above it in the text.">
          <Textarea rows={2} value={form.comment} readOnly={readOnly} onChange={(event) => setForm({ ...form, comment: event.target.value })} />
        </Field>
      </div>
    </FormDialog>
  )
}

function nameHint(of: Named, row: DefinitionRow | undefined, typed: string, wearers: number): string {
  if (wearers > 0) return `${wearers === 1 ? 'One machine carries' : `${wearers} machines carry`} it under this name: give them another tag first to rename it.`
  if (row !== undefined && fullName(of, typed) !== row.name) return 'Renamed wherever the policy says it.'
  return of === 'tagOwners' ? 'A letter, then letters, digits, "-", "_" or ".".' : of === 'groups' ? 'What grants call it by.' : 'Instead of its address in grants.'
}
