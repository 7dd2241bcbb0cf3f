'use client'
import { useState } from 'react'
import type { PolicyCheck, PolicyPreview } from '../../server/trpc/types.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { describeError, ErrorNote } from '../ui/error-note.tsx'
import { Field, Input } from '../ui/field.tsx'
import { changesNothing, firstWords, sideWords } from './model/preview.ts'
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
          <Changes preview={answer.preview} endings={endings} />
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

/** So many lines of each kind: the page behind has them all. */
const most = 3

function Changes({ preview, endings }: { readonly preview: PolicyPreview; readonly endings: Endings }) {
  const sessions = endings.ends.slice(0, most).map(({ a, b, relay, next }) => `${a} to ${b}, over ${relay} now, then over ${next.length === 0 ? 'DERP' : next.join(' or ')}`)
  return (
    <ul className="m-0 grid list-none gap-1 p-0 text-13">
      {preview.notes.map((note) => <li key={note} className="text-warning">{note}</li>)}
      {(!changesNothing(preview) || endings.total > 0) && (
        <>
          <Kind title={sideWords(preview.gains, 'gains')} {...firstWords(preview.gains, most)} />
          <Kind title={sideWords(preview.loses, 'loses')} {...firstWords(preview.loses, most)} />
          <Kind title={endingWords(endings) || 'No running session ends'} lines={sessions} more={endings.total - sessions.length} />
        </>
      )}
    </ul>
  )
}

function Kind({ title, lines, more }: { readonly title: string; readonly lines: readonly string[]; readonly more: number }) {
  return (
    <li>
      {title}{lines.length === 0 ? '.' : ':'}
      {lines.length > 0 && (
        <ul className="m-0 mt-0.5 grid list-none gap-0.5 p-0 pl-3 text-12 wrap-anywhere text-muted-foreground">
          {lines.map((line) => <li key={line}>{line}</li>)}
          {more > 0 && <li>and {more.toLocaleString('en')} more</li>}
        </ul>
      )}
    </li>
  )
}
