'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { knownTags } from '../access/model/check.ts'
import { useTRPC } from '../live/trpc.ts'
import { TagPicker } from '../machines/tag-picker.tsx'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Checkbox, Field, Input } from '../ui/field.tsx'
import { CreatedKey } from './created-key.tsx'
import { readWhole } from './model/forms.ts'
import { keyPreview } from './model/keys.ts'

const maxDays = 365

/** Makes an auth key, with these tags unless others are chosen; the key and the join command stand in the same dialog, once. */
export function CreateKeyDialog({ tags: given, onClose }: { readonly tags: readonly string[]; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const policy = useQuery(trpc.policy.get.queryOptions())
  const settings = useQuery(trpc.setting.get.queryOptions())
  const known = policy.data === undefined ? [] : knownTags(policy.data.text)
  const [description, setDescription] = useState('')
  const [reusable, setReusable] = useState(false)
  const [ephemeral, setEphemeral] = useState(false)
  const [preApproved, setPreApproved] = useState(true)
  const [tags, setTags] = useState<readonly string[]>(given)
  const [typedDays, setDays] = useState('7')
  const create = useMutation(trpc.authKey.create.mutationOptions())
  const approval = settings.data?.machineApproval ?? false
  const days = readWhole(typedDays, 1, maxDays, 'The number of days')

  if (create.data !== undefined) return <CreatedKey created={create.data} onClose={onClose} />
  return (
    <Dialog
      open
      onOpenChange={(open) => { if (!open) onClose() }}
      title="Make an auth key"
      description={days.ok ? keyPreview({ reusable, ephemeral, waits: approval && !preApproved, tags, days: days.value }) : 'A machine that has the key can join by itself.'}
    >
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (days.ok) create.mutate({ description, reusable, ephemeral, preApproved, tags: [...tags], validDays: days.value })
        }}
      >
        <Field label="Description" hint="What it is for, to know it by in the list.">
          <Input value={description} maxLength={100} autoComplete="off" onChange={(event) => setDescription(event.target.value)} />
        </Field>
        <Checkbox label="Reusable" hint="Any number of machines can join with it. Otherwise the first one uses it up." checked={reusable} onChange={setReusable} />
        <Checkbox label="Ephemeral" hint="A machine that joined with it is removed once it goes offline." checked={ephemeral} onChange={setEphemeral} />
        {approval && <Checkbox label="Pre-approved" hint="A Tailscale client that joins with it does not wait for approval." checked={preApproved} onChange={setPreApproved} />}
        <TagPicker tags={tags} onChange={setTags} known={known} hint="Without a tag the machine is yours. By the first policy every machine may use one with tag:relay as a relay." />
        <Field label="Valid for, days" hint={`1 to ${maxDays}.`} {...(days.ok ? {} : { error: days.text })}>
          <Input inputMode="numeric" className="max-w-24" value={typedDays} onChange={(event) => setDays(event.target.value)} />
        </Field>
        {create.error && <ErrorNote error={create.error} />}
        <div className="flex justify-end gap-2">
          <Button variant="plain" onClick={onClose}>Cancel</Button>
          <Button type="submit" variant="primary" action busy={create.isPending} disabled={!days.ok}>Make the key</Button>
        </div>
      </form>
    </Dialog>
  )
}
