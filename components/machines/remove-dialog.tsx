'use client'
import { useMutation } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { MachineDetail } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field, Input } from '../ui/field.tsx'
import { say } from '../ui/toast.tsx'
import { removalConsequences } from './model/state.ts'

type Props = { readonly machine: MachineDetail; readonly open: boolean; readonly onOpenChange: (open: boolean) => void }

/** What cannot be undone is confirmed by name, after it was said what ends. */
export function RemoveDialog({ machine, open, onOpenChange }: Props) {
  const trpc = useTRPC()
  const router = useRouter()
  const [typed, setTyped] = useState('')
  const remove = useMutation(trpc.machine.remove.mutationOptions({
    onSuccess: () => {
      say(`${machine.name} is removed.`)
      router.push('/machines')
    },
  }))
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Remove ${machine.name}?`}
      description={<ul className="m-0 grid list-disc gap-1 pl-4">{removalConsequences(machine).map((sentence) => <li key={sentence}>{sentence}</li>)}</ul>}
    >
      <form
        className="grid grid-cols-1 gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (typed === machine.name) remove.mutate({ id: machine.id })
        }}
      >
        <Field label={`Type ${machine.name} to confirm`}>
          <Input mono value={typed} autoComplete="off" spellCheck={false} onChange={(event) => setTyped(event.target.value)} />
        </Field>
        {remove.error && <ErrorNote error={remove.error} />}
        <div className="flex flex-wrap justify-end gap-2">
          <Button variant="plain" onClick={() => onOpenChange(false)}>Keep it</Button>
          <Button type="submit" variant="danger" action busy={remove.isPending || remove.isSuccess} disabled={typed !== machine.name} className="max-w-full"><span className="truncate">Remove {machine.name}</span></Button>
        </div>
      </form>
    </Dialog>
  )
}
