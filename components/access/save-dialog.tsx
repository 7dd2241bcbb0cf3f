'use client'
import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { describeError, ErrorNote } from '../ui/error-note.tsx'
import { Field, Input } from '../ui/field.tsx'
import { Endings } from './ending-panel.tsx'
import { saveLabel, type EndingSession } from './model/saving.ts'

type Props = {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly ends: readonly EndingSession[] | undefined
  readonly busy: boolean
  readonly error: unknown
  readonly onSave: (message: string) => void
}

export function SaveDialog({ open, onOpenChange, ends, busy, error, onSave }: Props) {
  const [message, setMessage] = useState('')
  // A conflict has a dialog of its own.
  const shown = error !== null && error !== undefined && describeError(error).code !== 'conflict'
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title="Save the policy?" description="It is in force within a second. Every version is kept.">
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          onSave(message)
        }}
      >
        {ends !== undefined && <div className="-mx-4"><Endings ends={ends} /></div>}
        <Field label="What changes, for those who come after you" hint="Optional; it stands in the list of versions.">
          <Input value={message} maxLength={200} autoComplete="off" onChange={(event) => setMessage(event.target.value)} />
        </Field>
        {shown && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button variant="plain" onClick={() => onOpenChange(false)}>Keep editing</Button>
          <Button type="submit" variant="primary" action busy={busy}>{saveLabel(ends)}</Button>
        </div>
      </form>
    </Dialog>
  )
}
