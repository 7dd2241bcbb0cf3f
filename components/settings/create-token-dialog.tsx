'use client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { TokenScope } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { useMe } from '../shell/me.tsx'
import { Button } from '../ui/button.tsx'
import { Command } from '../ui/copy.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field, Input } from '../ui/field.tsx'
import { ShownOnce } from './created-key.tsx'
import { readWhole } from './model/forms.ts'
import { ScopePicker } from './scope-picker.tsx'

const maxDays = 365

/** Makes an API token of the viewer's own; it is shown in the same dialog, once. */
export function CreateTokenDialog({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC()
  const me = useMe()
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<readonly TokenScope[]>(['relays:read', 'sessions:read'])
  const [typedDays, setDays] = useState('90')
  const [tried, setTried] = useState(false)
  const create = useMutation(trpc.apiToken.create.mutationOptions())
  const days = readWhole(typedDays, 1, maxDays, 'The number of days')
  const nameProblem = tried && name.trim() === '' ? 'A name to know it by.' : undefined

  if (create.data !== undefined) {
    return (
      <ShownOnce title="The token is made" description="It is shown this once: only its hash is kept." onClose={onClose}>
        <Command text={create.data.token} what="the API token" prompt="" />
        <div>
          <h3 className="mb-1.5 text-13 font-medium">Try it</h3>
          <Command text={`curl -H 'Authorization: Bearer ${create.data.token}' ${window.location.origin}/api/v1/relays`} what="the command to try it" />
        </div>
      </ShownOnce>
    )
  }
  return (
    <Dialog
      open
      wide
      onOpenChange={(open) => { if (!open) onClose() }}
      title="Make an API token"
      description={`It acts for ${me.name}: never with more than your role has, and no longer than your account lasts.`}
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          setTried(true)
          if (name.trim() !== '' && scopes.length > 0 && days.ok) create.mutate({ name, scopes: [...scopes], validDays: days.value })
        }}
      >
        <Field label="Name" {...(nameProblem === undefined ? {} : { error: nameProblem })}>
          <Input value={name} maxLength={60} autoComplete="off" placeholder="ci" onChange={(event) => setName(event.target.value)} />
        </Field>
        <ScopePicker scopes={scopes} onChange={setScopes} people={me.can('people')} {...(tried && scopes.length === 0 ? { error: 'At least one.' } : {})} />
        <Field label="Valid for, days" hint={`1 to ${maxDays}.`} {...(days.ok ? {} : { error: days.text })}>
          <Input inputMode="numeric" className="max-w-24" value={typedDays} onChange={(event) => setDays(event.target.value)} />
        </Field>
        {create.error && <ErrorNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button variant="plain" onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" action busy={create.isPending}>Make the token</Button>
        </div>
      </form>
    </Dialog>
  )
}
