'use client'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { Command } from '../ui/copy.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { Field, Select } from '../ui/field.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { ShownOnce } from './created-key.tsx'
import { roleWords } from './role-select.tsx'

/** A one-time link to send to somebody; whoever opens it first makes an account of that role. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const trpc = useTRPC()
  const [role, setRole] = useState<'admin' | 'viewer'>('viewer')
  const invite = useMutation(trpc.person.invite.mutationOptions())
  const offered = roleWords.filter((one) => one.role !== 'owner')

  if (invite.data !== undefined) {
    return (
      <ShownOnce title="Send this link" description={`Whoever opens it first makes an account with the role ${role}. It is shown this once.`} onClose={onClose}>
        <Command text={invite.data.link} what="the invitation" prompt="" />
        <p className="text-12 text-muted-foreground">It works once and expires <RelativeTime at={invite.data.expiresAt} />.</p>
      </ShownOnce>
    )
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => { if (!open) onClose() }}
      title="Invite somebody"
      description="You get a link to send them; nothing is mailed from here."
      actions={(
        <>
          <Button variant="plain" onClick={onClose}>Cancel</Button>
          <Button variant="primary" action busy={invite.isPending} onClick={() => invite.mutate({ role })}>Make the link</Button>
        </>
      )}
    >
      <div className="grid gap-4">
        <Field label="Role" hint={`${offered.find((one) => one.role === role)?.what ?? ''}. An owner can change it later.`}>
          <Select value={role} onChange={(event) => setRole(event.target.value === 'admin' ? 'admin' : 'viewer')}>
            {offered.map((one) => <option key={one.role} value={one.role}>{one.label}</option>)}
          </Select>
        </Field>
        {invite.error && <ErrorNote error={invite.error} />}
      </div>
    </Dialog>
  )
}
