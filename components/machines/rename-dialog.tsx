'use client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../live/trpc.ts'
import { fieldErrorText } from '../settings/model/field-error.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { describeError } from '../ui/error-note.tsx'
import { Field, Input } from '../ui/field.tsx'
import { say, sayError } from '../ui/toast.tsx'

type Props = { readonly machine: { readonly id: number; readonly name: string }; readonly open: boolean; readonly onOpenChange: (open: boolean) => void }

export function RenameDialog({ machine, open, onOpenChange }: Props) {
  const trpc = useTRPC()
  const [name, setName] = useState(machine.name)
  const back = useMutation(trpc.machine.rename.mutationOptions({ onError: sayError }))
  const rename = useMutation(trpc.machine.rename.mutationOptions({
    onSuccess: () => {
      const { id, name: old } = machine
      say(`${old} is now ${name.trim().toLowerCase()}.`, () => back.mutate({ id, name: old }))
      onOpenChange(false)
    },
  }))
  const words = rename.error ? describeError(rename.error) : undefined
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Rename ${machine.name}`}
      description="Pages, reports and the names that clients see change at once. Running sessions go on."
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          rename.mutate({ id: machine.id, name })
        }}
      >
        <Field
          label="Name"
          hint="Letters, digits and hyphens, at most 63."
          {...(words === undefined ? {} : { error: fieldErrorText(words) })}
        >
          <Input mono value={name} maxLength={63} autoComplete="off" spellCheck={false} onChange={(event) => setName(event.target.value)} />
        </Field>
        <div className="flex justify-end gap-2">
          <Button variant="plain" onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button type="submit" variant="primary" action busy={rename.isPending} disabled={name.trim() === '' || name.trim() === machine.name}>Rename</Button>
        </div>
      </form>
    </Dialog>
  )
}
