'use client'
import { useMutation } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { ApiTokenRow, AuthKeyRow } from '../../server/trpc/types.ts'
import { useTRPC } from '../live/trpc.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { ErrorNote } from '../ui/error-note.tsx'
import { say } from '../ui/toast.tsx'

type ConfirmProps = {
  readonly title: string
  readonly description: ReactNode
  readonly verb: string
  readonly busy: boolean
  readonly error: unknown
  readonly onConfirm: () => void
  readonly onClose: () => void
}

/** What cannot be undone: says what ends, and takes a press of its own. */
export function ConfirmDialog({ title, description, verb, busy, error, onConfirm, onClose }: ConfirmProps) {
  return (
    <Dialog
      open
      onOpenChange={(open) => { if (!open) onClose() }}
      title={title}
      description={description}
      actions={(
        <>
          <Button variant="plain" onClick={onClose}>Cancel</Button>
          <Button variant="danger" action busy={busy} onClick={onConfirm} className="max-w-full"><span className="truncate">{verb}</span></Button>
        </>
      )}
    >
      {error !== null && error !== undefined && <ErrorNote error={error} />}
    </Dialog>
  )
}

export function RevokeKeyDialog({ authKey, onClose }: { readonly authKey: AuthKeyRow; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const revoke = useMutation(trpc.authKey.revoke.mutationOptions({
    onSuccess: () => {
      say(`${authKey.prefix}… is revoked.`)
      onClose()
    },
  }))
  return (
    <ConfirmDialog
      title={`Revoke ${authKey.prefix}…?`}
      description={`No machine can join with it any more. ${authKey.uses === 0 ? 'None has so far.' : 'Machines that joined with it stay.'} This cannot be undone.`}
      verb="Revoke"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate({ id: authKey.id })}
      onClose={onClose}
    />
  )
}

export function RevokeTokenDialog({ token, onClose }: { readonly token: ApiTokenRow; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const revoke = useMutation(trpc.apiToken.revoke.mutationOptions({
    onSuccess: () => {
      say(`The token ${token.name} is revoked.`)
      onClose()
    },
  }))
  return (
    <ConfirmDialog
      title={`Revoke ${token.name}?`}
      description="Programs that use it are refused from now on. This cannot be undone."
      verb="Revoke"
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => revoke.mutate({ id: token.id })}
      onClose={onClose}
    />
  )
}
