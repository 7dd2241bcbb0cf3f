'use client'
import { useMemo } from 'react'
import type { PolicyDocument } from '../../server/trpc/types.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { RelativeTime } from '../ui/figures.tsx'
import { EditorLine } from './editor-line.tsx'
import { changedLines } from './model/lines.ts'
import { drawnLines } from './model/tokens.ts'

type Props = {
  readonly open: boolean
  readonly onOpenChange: (open: boolean) => void
  readonly theirs: PolicyDocument
  readonly mine: string
  readonly base: PolicyDocument
  readonly onTakeTheirs: () => void
  readonly onKeepMine: () => void
}

/** Somebody else saved first: their text with what differs from the draft marked, and the two ways on. Nothing is lost by closing it. */
export function ConflictDialog({ open, onOpenChange, theirs, mine, base, onTakeTheirs, onKeepMine }: Props) {
  return (
    <Dialog
      wide
      open={open}
      onOpenChange={onOpenChange}
      title={`${theirs.author} saved version ${theirs.version} while you edited`}
      description={(
        <>
          Your draft began with version {base.version} and nothing of it is saved. Theirs is in force since <RelativeTime at={theirs.createdAt} style="clock" />
          {theirs.message !== '' && <>: “{theirs.message}”</>}.
        </>
      )}
      actions={(
        <>
          <Button variant="plain" onClick={() => onOpenChange(false)}>Keep editing</Button>
          <Button onClick={onTakeTheirs}>Discard mine, use theirs</Button>
          <Button variant="primary" onClick={onKeepMine}>Keep mine, save over theirs</Button>
        </>
      )}
    >
      {open && <Theirs text={theirs.text} mine={mine} />}
    </Dialog>
  )
}

function Theirs({ text, mine }: { readonly text: string; readonly mine: string }) {
  const lines = useMemo(() => drawnLines(text, []), [text])
  const changed = useMemo(() => changedLines(mine, text), [mine, text])
  return (
    <>
      <h3 className="mb-1.5 text-13 font-medium">
        Their text <span className="font-normal text-muted-foreground">{changed.size === 0 ? 'has no line that yours lacks' : 'with the lines marked that differ from yours'}</span>
      </h3>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so the keyboard must reach it */}
      <pre tabIndex={0} aria-label="Their text" className="m-0 max-h-80 overflow-auto rounded-control border py-2 text-12! leading-5">
        {lines.map((runs, at) => (
          // oxlint-disable-next-line react/no-array-index-key -- a line is its number
          <EditorLine key={at} number={at + 1} runs={runs} changed={changed.has(at + 1)} marked={false} problem={undefined} />
        ))}
      </pre>
    </>
  )
}
