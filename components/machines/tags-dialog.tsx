'use client'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { knownTags } from '../access/model/check.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { say, sayError } from '../ui/toast.tsx'
import { sameTags } from './model/tags.ts'
import { TagPicker } from './tag-picker.tsx'

type Props = {
  readonly machine: { readonly id: number; readonly name: string; readonly tags: readonly string[]; readonly owner: string | null }
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
}

export function TagsDialog({ machine, open, onOpenChange }: Props) {
  const trpc = useTRPC()
  const [tags, setTags] = useState<readonly string[]>(machine.tags)
  const policy = useQuery(trpc.policy.get.queryOptions())
  const back = useMutation(trpc.machine.setTags.mutationOptions({ onError: sayError }))
  const save = useMutation(trpc.machine.setTags.mutationOptions({
    onSuccess: () => {
      const { id, name, tags: old } = machine
      say(tags.length === 0 ? `${name} has no tags.` : `${name} has ${tags.join(', ')}.`, () => back.mutate({ id, tags: [...old] }))
      onOpenChange(false)
    },
  }))
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={`Tags of ${machine.name}`}
      description="Grants that name a tag count at once. Sessions that no grant allows any more end within a second and go on over DERP."
      actions={(
        <>
          <Button variant="plain" onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button variant="primary" action busy={save.isPending} disabled={sameTags(tags, machine.tags)} onClick={() => save.mutate({ id: machine.id, tags: [...tags] })}>Save tags</Button>
        </>
      )}
    >
      <div className="grid gap-3">
        <TagPicker
          tags={tags}
          onChange={setTags}
          known={policy.data === undefined ? [] : knownTags(policy.data.text)}
          hint={tags.length > 0 && machine.owner !== null ? `While it has a tag, it no longer counts as a machine of ${machine.owner}.` : 'Tags are those with owners in the policy.'}
        />
        {policy.error && <ErrorNote error={policy.error} what="The policy’s tags could not be loaded." retry={() => void policy.refetch()} />}
        {save.error && <ErrorNote error={save.error} />}
      </div>
    </Dialog>
  )
}
