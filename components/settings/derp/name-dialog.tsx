'use client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { DerpRegionRow } from '../../../server/trpc/types.ts'
import { useTRPC } from '../../live/trpc.ts'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { describeError, ErrorNote } from '../../ui/error-note.tsx'
import { Field, Input } from '../../ui/field.tsx'
import { say } from '../../ui/toast.tsx'
import { fieldErrorText } from '../model/field-error.ts'

/** What our own region is called. */
export function NameDialog({ own, onClose }: { readonly own: DerpRegionRow; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const [code, setCode] = useState(own.code)
  const [name, setName] = useState(own.name)
  const save = useMutation(trpc.derp.nameOwn.mutationOptions({
    onSuccess: ({ own: saved }) => {
      say(`The region is called ${saved.name}.`)
      onClose()
    },
  }))
  const error = save.error === null ? undefined : describeError(save.error)
  const under = (path: string) => (error?.path === path ? { error: fieldErrorText(error) } : {})
  return (
    <Dialog open onOpenChange={(open) => { if (!open) onClose() }} title="Rename our region" description="Clients show the code of the region that a path goes through.">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate({ code, name })
        }}
      >
        <Field label="Code" hint="Small letters, digits and hyphens." {...under('code')}><Input mono value={code} maxLength={20} autoComplete="off" onChange={(event) => setCode(event.target.value)} /></Field>
        <Field label="Name" {...under('name')}><Input value={name} maxLength={60} autoComplete="off" onChange={(event) => setName(event.target.value)} /></Field>
        {save.error && error?.path !== 'code' && error?.path !== 'name' && <ErrorNote error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button variant="plain" onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" action busy={save.isPending}>Save</Button>
        </div>
      </form>
    </Dialog>
  )
}
