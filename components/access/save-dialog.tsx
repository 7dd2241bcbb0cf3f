'use client'
import { useState } from 'react'
import type { PolicyCheck } from '../../server/trpc/types.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { describeError, ErrorNote } from '../ui/error-note.tsx'
import { Field, Input } from '../ui/field.tsx'
import { sideWords } from './model/preview.ts'
import { endingWords, saveLabel, type Endings } from './model/saving.ts'

type Props = {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly answer: PolicyCheck | undefined
  readonly endings: Endings | undefined
  /** What the message says before anybody types. */
  readonly suggestion?: string
  readonly busy: boolean
  readonly error: unknown
  readonly onSave: (message: string) => void
}

export function SaveDialog({ open, onOpenChange, answer, endings, suggestion = '', busy, error, onSave }: Props) {
  const [typed, setMessage] = useState<string>()
  const message = typed ?? suggestion
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
        {answer?.preview !== undefined && endings !== undefined && (
          <ul className="m-0 grid list-none gap-1 p-0 text-13">
            {answer.preview.notes.map((note) => <li key={note} className="text-warning">{note}</li>)}
            <li>{sideWords(answer.preview.gains, 'gains')}.</li>
            <li>{sideWords(answer.preview.loses, 'loses')}.</li>
            <li>{endingWords(endings) || 'No running session ends'}.</li>
          </ul>
        )}
        <Field label="What changes, for those who come after you" hint="Optional; it stands in the list of versions.">
          <Input value={message} maxLength={200} autoComplete="off" onChange={(event) => setMessage(event.target.value)} />
        </Field>
        {shown && <ErrorNote error={error} />}
        <div className="flex justify-end gap-2">
          <Button variant="plain" onClick={() => onOpenChange(false)}>Keep editing</Button>
          <Button type="submit" variant="primary" action busy={busy}>{saveLabel(endings)}</Button>
        </div>
      </form>
    </Dialog>
  )
}
